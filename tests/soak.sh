#!/usr/bin/env bash
# The long forms of what ./test.sh shows in minutes: real processes, real kills, real brokers; hours in all.
#   tests/soak.sh                    everything, at the sizes below
#   tests/soak.sh kills 200          one part, at another size
# Parts: kills (1000 of the service and 1000 of mosquitto), powercuts (1000 times everything unsynced is thrown away), faults (every file operation
# fails, on each kind of bad disk), swaps (1000 under load, then as long without), training (3000 frames beside training), outage (the broker away for 00:10:00), inspections (100000 in one life),
# flood (100000 triggers at once).
# Prints what each measured; exit code 0 when nothing was lost.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. build/install.sh
need_dotnet
need_debian libgtk-3-0 mosquitto mosquitto-clients
build Appliance.sln

# NAME VARIABLE SIZE PROJECT CLASS
parts=(
  "kills APPLIANCE_KILLS 1000 Scenarios *.KillTests"
  "powercuts APPLIANCE_POWER_CUTS 1000 Appliance.Tests *.StationPowerCutTests"
  "faults APPLIANCE_FAULT_STRIDE 1 Appliance.Tests *.EveryOperationTests"
  "swaps APPLIANCE_SWAPS 1000 Scenarios *.SwapTests"
  "training APPLIANCE_FRAMES 3000 Scenarios *.TrainingLoadTests"
  "outage APPLIANCE_OUTAGE 00:10:00 Scenarios *.OutageTests"
  "inspections APPLIANCE_INSPECTIONS 100000 Scenarios *.SoakTests"
  "flood APPLIANCE_FLOOD 100000 Scenarios *.FloodTests"
)
wanted=${1:-all} status=0 known=no
for part in "${parts[@]}"; do
  read -r name variable size project class <<<"$part"
  [ "$wanted" = all ] || [ "$wanted" = "$name" ] || continue
  known=yes
  [ "$wanted" = all ] || size=${2:-$size}
  echo "== $name $size"
  env "$variable=$size" "tests/$project/bin/Release/net10.0/$project" --filter-class "$class" --explicit on --show-live-output on --progress off || status=1
done
if [ $known = no ]; then
  echo "'$wanted' is no part; parts are: $(for part in "${parts[@]}"; do printf '%s ' "${part%% *}"; done)" >&2
  exit 2
fi
exit $status
