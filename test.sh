#!/usr/bin/env bash
# Builds everything and runs every test; the last line counts them. Arguments go to the test programs, for example
#   ./test.sh --filter-class 'Appliance.Tests.Journal.*'
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. build/install.sh
need_dotnet
need_debian libgtk-3-0 mosquitto mosquitto-clients ffmpeg python3-onnx gcc libc6-dev systemd systemd-container debootstrap dpkg-dev shellcheck
build Appliance.sln

passed=0 failed=0 skipped=0 broken=0 tests='' limit=25m
trap '[ -z "$tests" ] || kill -TERM -- "-$tests" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
# A figure of a run's summary, 0 where there is none; colours are taken out first.
count() { sed 's/\x1b\[[0-9;]*m//g' "$2" | sed -n "s/^ *$1: *\([0-9]*\).*/\1/p" | tail -n 1 | grep . || echo 0; }
for project in Inference.Tests Trainer.Tests Appliance.Tests Scenarios; do
  log=$(mktemp)
  status=0
  echo "== $project"
  # Into a file, shown as it grows: a process that a test left behind would hold a pipe open, and the check would wait for it. A hanging test is named, and ended.
  setsid timeout --kill-after=30 "$limit" "tests/$project/bin/Release/net10.0/$project" --long-running 180 --xunit-diagnostics on "$@" </dev/null >"$log" 2>&1 &
  tests=$!
  tail -n +1 -f --pid="$tests" "$log"
  wait "$tests" || status=$?
  [ "$status" -ne 124 ] || echo "$project was ended after $limit: a test hangs."
  kill -KILL -- "-$tests" 2>/dev/null || true
  failures=$(count failed "$log")
  passed=$((passed + $(count succeeded "$log"))) failed=$((failed + failures)) skipped=$((skipped + $(count skipped "$log") - $(grep -ac "due to explicit test filtering" "$log" || true)))
  # Explicit tests are tools to be asked for, and no skipped ones. Filters may leave a project without tests, which ends with 8; any other failure that counts no test is one itself.
  if [ "$status" -ne 0 ] && [ "$status" -ne 8 ] && [ "$failures" -eq 0 ]; then broken=$((broken + 1)); fi
  rm -f "$log"
done
failed=$((failed + broken))
[ "$skipped" -eq 0 ] && echo "$passed passed, $failed failed" || echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
