#!/usr/bin/env bash
# Says what a Jetson with JetPack 6 lacks for the appliance, and what to do. Ends with 1 where something required is missing; changes nothing.
#   ./check.sh [FOLDER]    the programs' folder, /usr/lib/inspection-appliance unless given
set -uo pipefail
programs=${1:-/usr/lib/inspection-appliance}
missing=0

ok() { printf 'ok       %s\n' "$1"; }
note() { printf 'note     %s\n' "$1"; }
lack() {
  printf 'MISSING  %s\n' "$1"
  missing=$((missing + 1))
}

machine() {
  if [ "$(uname -m)" = aarch64 ]; then ok 'processor: aarch64'; else lack "processor: $(uname -m), not aarch64: this is no Jetson"; fi
  local release=/etc/nv_tegra_release
  if [ ! -r $release ]; then lack "JetPack: $release is not there; flash JetPack 6 (L4T R36)"
  elif grep -q '^# R36 ' $release; then ok "JetPack 6: L4T $(sed -n '1s/^# \(R[0-9]*\) (release), REVISION: \([0-9.]*\).*/\1.\2/p' $release)"
  else lack "JetPack: $(head -c 60 $release) is not R36; only JetPack 6 is known to fit the libraries"; fi
}

# $1 what, $2 a library's name as the loader knows it, $3 how to get it.
system_library() {
  if ldconfig -p 2>/dev/null | grep -q "$2"; then ok "$1: $2"; else lack "$1: $2 is not found by the loader; $3"; fi
}

# $1 program, $2 library: there, for this processor, and everything that it is linked to is found too.
native() {
  local file=$programs/$1/$2 lost
  if [ ! -e "$file" ]; then lack "$file: build it with build-natives.sh, and put it there"
  elif ! lost=$(ldd "$file" 2>&1); then lack "$file cannot be loaded here: $(head -n 1 <<<"$lost")"
  elif lost=$(grep -F 'not found' <<<"$lost"); then lack "$file needs $(awk '{ print $1 }' <<<"$lost" | paste -sd ' ')"
  else ok "$file"; fi
}

cameras() {
  local device found=0
  for device in /dev/video*; do
    [ -e "$device" ] || continue
    found=1
    if command -v v4l2-ctl >/dev/null; then ok "camera $device: $(v4l2-ctl --device "$device" --info 2>/dev/null | sed -n 's/^.*Card type *: //p')"; else ok "camera $device (v4l-utils would tell more)"; fi
  done
  [ $found = 1 ] || lack 'cameras: no /dev/video*; a CSI camera needs the loopback in README.md, a network camera needs none'
  id inspection-appliance >/dev/null 2>&1 || { lack 'user inspection-appliance: install the package'; return; }
  for group in video render; do
    if getent group $group >/dev/null; then ok "group $group (the unit gives it to the service)"; else lack "group $group: groupadd --system $group"; fi
  done
}

power() {
  if ! command -v nvpmodel >/dev/null; then note 'power mode: nvpmodel is not there'; return; fi
  local mode
  mode=$(nvpmodel -q 2>/dev/null | sed -n 's/^NV Power Mode: //p')
  case "$mode" in
    MAXN*) ok "power mode: $mode" ;;
    '') note 'power mode: nvpmodel -q says nothing; run this as root' ;;
    *) note "power mode: $mode; nvpmodel -m 0 gives the most, where cooling and supply bear it" ;;
  esac
}

disk() {
  local state=/var/lib/inspection-appliance free device
  [ -d $state ] || state=/var/lib
  free=$(df -Pk $state | awk 'NR == 2 { print int($4 / 1048576) }')
  if [ "$free" -ge 10 ]; then ok "disk: $free GiB free at $state"; else lack "disk: $free GiB free at $state; pictures and journal want 10"; fi
  device=$(df -P $state | awk 'NR == 2 { print $1 }')
  case "$device" in /dev/mmcblk*) note "disk: $device is an SD card or eMMC, which wears out and syncs slowly; an NVMe disk suits a journal" ;; esac
}

clock() {
  local year
  year=$(date +%Y)
  if [ "$year" -lt 2025 ]; then lack "clock: it is $(date +%F); set it, and give the RTC its battery"; return; fi
  case "$(timedatectl show --property NTPSynchronized --value 2>/dev/null)" in
    yes) ok 'clock: synchronized' ;;
    *) note 'clock: not synchronized; verdicts are ordered by their sequence, and their times are as good as this clock' ;;
  esac
}

machine
system_library CUDA libcudart.so.12 'apt-get install nvidia-jetpack'
system_library cuDNN libcudnn.so.9 'apt-get install nvidia-jetpack'
for library in libOpenCvSharpExtern.so libonnxruntime.so libonnxruntime_providers_shared.so libonnxruntime_providers_cuda.so; do native appliance $library; done
for library in libLibTorchSharp.so libtorch_cpu.so libOpenCvSharpExtern.so libonnxruntime.so; do native trainer $library; done
if command -v ffmpeg >/dev/null; then ok ffmpeg; else lack 'ffmpeg: RTSP and HTTP cameras need it; apt-get install ffmpeg'; fi
cameras
power
disk
clock
echo
[ $missing -eq 0 ] && echo 'Nothing required is missing.' || echo "$missing missing."
[ $missing -eq 0 ]
