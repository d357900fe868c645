#!/usr/bin/env python3
"""Writes the bill of materials of the published programs, CycloneDX 1.5 JSON, to standard output, and copies the notices that came with the packages.

What was resolved stands in the programs' deps.json; licences stand in the packages' nuspec. A package without a known licence is an error.
"""
import argparse
import base64
import datetime
import hashlib
import json
import os
import pathlib
import re
import shutil
import sys
import uuid

# Where the nuspec names a file or an address in place of an SPDX expression. Read from that file.
LICENCES = {
    "Microsoft.ML.OnnxRuntime": "MIT",
    "Microsoft.ML.OnnxRuntime.Managed": "MIT",
    "MQTTnet": "MIT",
    "MQTTnet.Server": "MIT",
    "SkiaSharp": "MIT",
}

# What native libraries carry inside, beyond the package's own name: name, version, licence.
INSIDE = {
    "libOpenCvSharpExtern.so": [("OpenCV", "4.13.0", "Apache-2.0"), ("FFmpeg", None, "LGPL-2.1-or-later")],
    "libtorch_cpu.so": [("libtorch", None, "BSD-3-Clause"), ("oneDNN", None, "Apache-2.0"), ("XNNPACK", None, "BSD-3-Clause"), ("Sleef", None, "BSL-1.0")],
    "libgomp-98b21ff3.so.1": [("libgomp", None, "GPL-3.0-only WITH GCC-exception-3.1")],
    "libonnxruntime.so": [("ONNX Runtime", None, "MIT")],
    "libSkiaSharp.so": [("Skia", None, "BSD-3-Clause")],
}


def licence(choice):
    return [{"expression": choice}] if " " in choice else [{"license": {"id": choice}}]


def file_component(path):
    component = {"type": "file", "name": path.name, "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}]}
    inside = [{"type": "library", "name": n, **({"version": v} if v else {}), "licenses": licence(l)} for n, v, l in INSIDE.get(path.name, [])]
    return {**component, "components": inside} if inside else component


def nuspec_licence(name, folder):
    text = next(folder.glob("*.nuspec")).read_text(encoding="utf-8-sig")
    said = re.search(r'<license type="expression">([^<]+)</license>', text)
    return said.group(1) if said else LICENCES.get(name) or sys.exit(f"No licence is known for {name}: read {folder}, and name it in LICENCES of {__file__}.")


def package_component(name, version, folder):
    digest = base64.b64decode(next(folder.glob("*.nupkg.sha512")).read_text().strip()).hex()
    purl = f"pkg:nuget/{name}@{version}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, "hashes": [{"alg": "SHA-512", "content": digest}], "licenses": licence(nuspec_licence(name, folder))}


def copy_notices(name, folder, notices):
    for file in sorted(folder.iterdir()):
        if re.match(r"(licen[cs]e|third.?party|notice)", file.name, re.IGNORECASE) and file.is_file():
            (notices / name).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, notices / name / file.name)


def shipped(entry, program):
    """The files of a package that lie beside the program; those left out are not there."""
    names = {pathlib.PurePosixPath(f).name for kind in ("runtime", "native") for f in entry.get(kind, {})}
    return [p for p in (program / n for n in sorted(names)) if p.is_file()]


def read_program(program, arguments, packages, edges):
    deps = json.loads(next(program.glob("*.deps.json")).read_text())
    target = deps["targets"][deps["runtimeTarget"]["name"]]
    references = {}
    for key, entry in target.items():
        name, version = key.split("/")
        kind = deps["libraries"][key]["type"]
        name = name.removeprefix("runtimepack.")
        references[key.split("/")[0]] = f"pkg:nuget/{name}@{version}" if kind != "project" else f"project:{name}"
        if kind == "project":
            continue
        folder = pathlib.Path(arguments.packages) / name.lower() / version
        component, files = packages.setdefault(references[key.split("/")[0]], (package_component(name, version, folder), {}))
        files.update({p.name: file_component(p) for p in shipped(entry, program)})
        copy_notices(name, folder, pathlib.Path(arguments.notices))
    for key, entry in target.items():
        edges.setdefault(references[key.split("/")[0]], set()).update(references[d] for d in entry.get("dependencies", {}) if d in references)


def own_components(programs, version):
    for program in programs:
        name = program.name
        files = [file_component(p) for p in (program / name, program / f"{name}.dll", program / "Inference.dll")]
        yield {"type": "application", "bom-ref": f"project:{name}", "name": name, "version": version, "licenses": licence("Apache-2.0"), "components": files}
    backbone = next(programs[-1].glob("backbones/*.onnx"))
    yield {**file_component(backbone), "type": "machine-learning-model", "name": "EfficientNet-Lite0", "licenses": licence("Apache-2.0")}


def main():
    parser = argparse.ArgumentParser()
    for option in ("version", "programs", "packages", "notices"):
        parser.add_argument(f"--{option}", required=True)
    arguments = parser.parse_args()
    programs = [pathlib.Path(arguments.programs) / p for p in ("appliance", "trainer")]
    packages, edges = {}, {}
    for program in programs:
        read_program(program, arguments, packages, edges)
    libraries = [{**c, **({"components": [f[n] for n in sorted(f)]} if f else {})} for _, (c, f) in sorted(packages.items())]
    components = [*own_components(programs, arguments.version), *libraries]
    when = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    known = {c["bom-ref"] for c in components if "bom-ref" in c}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components))}",
        "version": 1,
        "metadata": {
            "timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "bom-ref": "package", "name": "inspection-appliance", "version": arguments.version, "licenses": licence("Apache-2.0")},
        },
        "components": components,
        "dependencies": [{"ref": r, "dependsOn": sorted(edges[r] & known)} for r in sorted(edges.keys() & known)],
    }
    print(json.dumps(document, indent=1, ensure_ascii=False))


main()
