#!/usr/bin/env bash
# The long tier of the tests: everything with more effort, gigabytes of rows, and the planted bugs. Takes hours.
#
# Usage: testbed/long-tests.sh [-Dtidemark.effort=20 ...]     further options go to Maven
set -euo pipefail
home=$(cd -- "$(dirname -- "$0")/.." && pwd)
cd "$home"
status=0
./mvnw -B -ntp verify -Dlong "$@" || status=$?
testbed/planted-bugs.sh || status=$?
exit "$status"
