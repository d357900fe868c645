#!/usr/bin/env bash
# Builds the Debian package for amd64 under out/package/ and prints its path. Nothing in it depends on the time, the folder or the clone;
# only the generated part of appliance.dll is ordered by chance, by the generator of its logs.
set -euo pipefail
root=$(dirname "$(readlink -f "$0")")
. "$root/build/install.sh"
debian=$root/deploy/debian work=$root/out/package
stage=$work/stage
lib=$stage/usr/lib/inspection-appliance share=$stage/usr/share/doc/inspection-appliance

# A publish beside the ordinary build, which stays as it is; only the backbone is taken from there.
# Compiled ahead of time, so that a start and a training round spend less on compiling.
publish() {
  dotnet publish "$root/src/$1" -c Release -r linux-x64 --self-contained --artifacts-path "$work/build" -o "$lib/$2" --nologo -v quiet \
    -p:ContinuousIntegrationBuild=true -p:PublishReadyToRun=true -p:BackboneFile="$root/out/trainer/backbones/efficientnet_lite0-320.onnx" >&2
  # For Windows, and for programmers.
  rm -f "$lib/$2"/onnxruntime*.dll "$lib/$2"/*.xml
  # Torch's binding for Python, and the libraries of its own tests.
  rm -f "$lib/$2"/libtorch_python.so "$lib/$2"/*_test.so "$lib/$2"/libbackend_with_compiler.so
}

# Both programs carry the runtime, OpenCV and ONNX Runtime: what is equal is stored once.
share_equal_files() {
  local file
  while read -r file; do
    cmp -s "$lib/trainer/$file" "$lib/appliance/$file" || continue
    ln -sfr "$lib/appliance/$file" "$lib/trainer/$file"
  done < <(cd "$lib/trainer" && find . -type f)
}

# The packages of the libraries that ours are linked to; what .NET opens by name stands in the control file. Debugging aids of .NET are left out.
libraries() {
  local objects
  mapfile -t objects < <(find "$lib" -type f \( -name '*.so' -o -name appliance -o -name trainer \) ! -name 'libcoreclrtraceptprovider.so')
  mkdir -p "$work/shlibs/debian"
  printf 'Source: inspection-appliance\n\nPackage: inspection-appliance\nArchitecture: amd64\n' >"$work/shlibs/debian/control"
  (cd "$work/shlibs" && dpkg-shlibdeps -O --ignore-missing-info -l"$lib/appliance" -l"$lib/trainer" "${objects[@]/#/-e}" 2>"$work/shlibs/log") | sed -n 's/^shlibs:Depends=//p'
}

documents() {
  install -m 644 "$debian/copyright" "$root/THIRD-PARTY.md" "$root/SECURITY.md" "$root/README.md" "$root/docs/configuration.md" "$root/deploy/grafana/inspection-appliance.json" "$debian/README.Debian" "$share/"
  gzip -9nc "$debian/changelog" >"$share/changelog.Debian.gz"
  local page
  for page in appliance trainer; do gzip -9nc "$debian/$page.1" >"$stage/usr/share/man/man1/$page.1.gz"; done
  install -D -m 644 "$debian/lintian-overrides" "$stage/usr/share/lintian/overrides/inspection-appliance"
  python3 "$debian/sbom.py" --version "$version" --programs "$lib" --packages "$(dotnet nuget locals global-packages -l | sed 's/^[^:]*: //')" --notices "$share/licences" >"$share/sbom.cdx.json"
}

control() {
  local depends size
  depends=$(libraries)
  [ -n "$depends" ] || { cat "$work/shlibs/log" >&2; exit 1; }
  size=$(find "$stage" -type f -printf '%s\n' | awk '{ bytes += $1 } END { print int(bytes / 1024) }')
  mkdir -p "$stage/DEBIAN"
  sed -e "s/@VERSION@/$version/" -e "s/@SIZE@/$size/" -e "s/@LIBRARIES@/$depends/" "$debian/control" >"$stage/DEBIAN/control"
  install -m 755 "$debian/postinst" "$debian/prerm" "$debian/postrm" "$stage/DEBIAN/"
  install -m 644 "$debian/templates" "$debian/conffiles" "$stage/DEBIAN/"
  (cd "$stage" && find . -path ./DEBIAN -prune -o -type f -print | LC_ALL=C sort | sed 's/^\.\///' | xargs -d '\n' md5sum >DEBIAN/md5sums)
}

need_dotnet
need_debian dpkg-dev libgtk-3-0 python3
version=$(dpkg-parsechangelog -l "$debian/changelog" -S Version)
grep -qF "<Version>${version%-*}</Version>" "$root/Directory.Build.props" || { echo "deploy/debian/changelog begins with $version, and Directory.Build.props has another version." >&2; exit 1; }
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$debian/changelog" -S Timestamp)
export SOURCE_DATE_EPOCH
rm -rf "$stage"
build "$root/src/Trainer"
echo "Publishing ..." >&2
umask 022
mkdir -p "$share" "$stage/usr/bin" "$stage/usr/share/man/man1"
publish Appliance appliance
publish Trainer trainer
share_equal_files
find "$lib" -type f -exec chmod 644 {} +
chmod 755 "$lib/appliance/appliance" "$lib/trainer/trainer"
for program in appliance trainer; do ln -s "../lib/inspection-appliance/$program/$program" "$stage/usr/bin/$program"; done
install -D -m 644 "$root/deploy/systemd/inspection-appliance.service" "$stage/lib/systemd/system/inspection-appliance.service"
install -D -m 640 "$root/deploy/appliance.json" "$stage/etc/inspection-appliance/appliance.json"
documents
control
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
echo "Packing ..." >&2
package=$work/inspection-appliance_${version}_amd64.deb
dpkg-deb --root-owner-group -Zzstd -z3 --build "$stage" "$package" >&2
echo "$package"
