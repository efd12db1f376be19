#!/usr/bin/env bash
# Where changes wait for a version (files in .changeset), raises the versions on a branch and opens or renews its pull request.
# Says `waiting=yes` or `no` to the pipeline. Run locally with `--dry-run` it shows what would be raised, and pushes nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { echo "waiting=$1" >>"${GITHUB_OUTPUT:-/dev/stdout}"; }

if [ -z "$(find .changeset -name '*.md' ! -name README.md)" ]; then
  say no
  exit 0
fi
if [ "${1:-}" = --dry-run ]; then
  npx changeset status
  say yes
  exit 0
fi

branch=release/next
npx changeset version
node .ci/release/raise-version.mjs
npm install --package-lock-only --ignore-scripts --no-audit --no-fund
title="Release $(node -p "require('./client-sdk/package.json').version")"
git config user.name 'github-actions[bot]'
git config user.email '41898282+github-actions[bot]@users.noreply.github.com'
git checkout -B "$branch"
git add -A
git commit -m "$title"
git push --force origin "$branch"
if [ -z "$(gh pr list --head "$branch" --state open --json number --jq '.[].number')" ]; then
  gh pr create --head "$branch" --base main --title "$title" --body 'Merging this publishes the versions that it names.'
fi
say yes
