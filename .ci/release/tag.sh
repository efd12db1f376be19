#!/usr/bin/env bash
# Gives the commit that was published the tag `v<version>`, by which the next version finds the one before it. One that is there stays.
set -euo pipefail
cd "$(dirname "$0")/../.."

tag="v$(node -p "require('./package.json').version")"
found="$(git ls-remote --tags origin "refs/tags/$tag")"
if [ -n "$found" ]; then
  echo "$tag is there"
  exit 0
fi
git tag "$tag"
git push --quiet origin "refs/tags/$tag"
echo "$tag is at $(git rev-parse --short HEAD)"
