#!/usr/bin/env bash
# Prints the sources that match patterns of git ls-files(1), with a NUL after each: list_sources.sh <folder> <pattern>...
# Sources are what git tracks or would add. A folder that is no clone (an unpacked archive, or a clone that git does not
# trust since somebody else owns it) is listed with an empty repository elsewhere, so that .gitignore holds there too.
set -euo pipefail
cd "$1"
shift
git ls-files -z --cached --others --exclude-standard -- "$@" 2>/dev/null && exit
repository=$(mktemp -d)
trap 'rm -rf "$repository"' EXIT
git init -q --bare "$repository"
git --git-dir "$repository" --work-tree . ls-files -z --others --exclude-standard -- "$@"
