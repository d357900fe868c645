using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Writes a copy of an ELF64 library in which one required symbol version is weak (VER_FLG_WEAK), so that the loader takes
/// a C++ runtime that lacks it. Right only where the version's symbols are never called.
/// </summary>
public sealed class WeakenSymbolVersion : Task
{
    private const uint SectionVersionNeeds = 0x6ffffffe;
    private const ushort Weak = 2;

    [Required]
    public string Source { get; set; }

    [Required]
    public string Destination { get; set; }

    [Required]
    public string SymbolVersion { get; set; }

    public override bool Execute()
    {
        try
        {
            var bytes = File.ReadAllBytes(Source);
            var changed = new Elf(bytes).Weaken(SymbolVersion);
            Log.LogMessage(MessageImportance.Normal, changed == 0 ? "'{0}' does not ask for {1}: copied as it is." : "'{0}' asks for {1} weakly now.", Source, SymbolVersion);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(Destination)));
            var temporary = Destination + "." + Guid.NewGuid().ToString("N");
            File.WriteAllBytes(temporary, bytes);
            // A new file in place of the old one: hard links to the old one keep their content.
            File.Delete(Destination);
            File.Move(temporary, Destination);
            return true;
        }
        catch (Exception e) when (e is IOException || e is InvalidDataException || e is UnauthorizedAccessException)
        {
            Log.LogError("Cannot make {0} weak in '{1}': {2}", SymbolVersion, Source, e.Message);
            return false;
        }
    }

    private sealed class Elf
    {
        private readonly byte[] bytes;

        public Elf(byte[] bytes)
        {
            this.bytes = bytes;
            if (bytes.Length < 64 || U32(0) != 0x464c457f || bytes[4] != 2 || bytes[5] != 1) throw new InvalidDataException("it is not a little-endian ELF64 file.");
        }

        public int Weaken(string version)
        {
            long table = Offset(U64(40)), size = U16(58), count = U16(60);
            var changed = 0;
            for (var i = 0L; i < count; i++)
            {
                var section = table + i * size;
                if (U32(section + 4) == SectionVersionNeeds) changed += WeakenIn(section, table + U32(section + 40) * size, version);
            }

            return changed;
        }

        // verneed: version, count: u16; file, aux, next: u32. vernaux: hash: u32; flags, other: u16; name, next: u32. Offsets are relative; 0 ends.
        private int WeakenIn(long section, long strings, string version)
        {
            long need = Offset(U64(section + 24)), end = need + Offset(U64(section + 32)), names = Offset(U64(strings + 24));
            var changed = 0;
            for (long step; need < end; need += step)
            {
                var aux = need + U32(need + 8);
                for (long left = U16(need + 2), next; left > 0; left--, aux += next)
                {
                    if (NameIs(names + U32(aux + 8), version)) changed += SetWeak(aux + 4);
                    next = U32(aux + 12);
                    if (next == 0) break;
                }

                step = U32(need + 12);
                if (step == 0) break;
            }

            return changed;
        }

        private int SetWeak(long at)
        {
            bytes[at] = (byte)(U16(at) | Weak);
            return 1;
        }

        private bool NameIs(long at, string name)
        {
            var wanted = Encoding.ASCII.GetBytes(name + "\0");
            Check(at, wanted.Length);
            for (var i = 0; i < wanted.Length; i++)
            {
                if (bytes[at + i] != wanted[i]) return false;
            }

            return true;
        }

        private long Offset(ulong value) => value <= (ulong)bytes.Length ? (long)value : throw new InvalidDataException("an offset lies outside the file.");

        private void Check(long at, int length)
        {
            if (at < 0 || at > bytes.Length - length) throw new InvalidDataException("a table lies outside the file.");
        }

        private ushort U16(long at)
        {
            Check(at, 2);
            return BitConverter.ToUInt16(bytes, (int)at);
        }

        private uint U32(long at)
        {
            Check(at, 4);
            return BitConverter.ToUInt32(bytes, (int)at);
        }

        private ulong U64(long at)
        {
            Check(at, 8);
            return BitConverter.ToUInt64(bytes, (int)at);
        }
    }
}
