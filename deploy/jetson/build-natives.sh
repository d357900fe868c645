#!/usr/bin/env bash
# Builds, on aarch64, the native libraries that nobody publishes for it, into out/jetson/natives/ (or the folder that --out names):
#   ./build-natives.sh opencv torch onnxruntime
# opencv       libOpenCvSharpExtern.so, OpenCV inside it: about an hour on an Orin
# torch        libLibTorchSharp.so, against the libtorch in PyTorch's aarch64 wheel for processors: ten minutes
# onnxruntime  libonnxruntime.so with CUDA: hours, and 16 GiB of memory with swap. ONNXRUNTIME_WHEEL=FILE takes it out of NVIDIA's wheel instead,
#              where that has the version that Directory.Packages.props names, or a newer one.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$(readlink -f "$here/../..")
out=$root/out/jetson/natives
sources=$root/out/jetson/sources
jobs=${JOBS:-$(nproc)}
# The libtorch that TorchSharp is made for. Another one loads, and crashes later.
libtorch=2.10.0

fail() { echo "$1" >&2; exit 1; }

version_of() { sed -n "s/.*Include=\"$1\" Version=\"\([^\"]*\)\".*/\1/p" "$root/Directory.Packages.props"; }

# A tag of a repository, with its submodules, once.
fetch() {
  local directory=$sources/$1-$3
  [ -e "$directory/.fetched" ] || {
    rm -rf "$directory"
    git clone --quiet --depth 1 --recurse-submodules --shallow-submodules --branch "$3" "$2" "$directory" >&2
    touch "$directory/.fetched"
  }
  echo "$directory"
}

need() {
  local missing=()
  for package in "$@"; do dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package"); done
  [ ${#missing[@]} -eq 0 ] || fail "Missing: apt-get install ${missing[*]}"
}

# OpenCvSharp wants the contributed modules and HighGUI; without GTK, HighGUI has no window, which the appliance never opens.
build_opencv() {
  need build-essential cmake git pkg-config libv4l-dev libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libjpeg-dev libpng-dev libtiff-dev libwebp-dev libtesseract-dev
  local sharp opencv contrib sharp_sources prefix=$sources/opencv-install
  sharp=$(version_of OpenCvSharp4)
  opencv=$(fetch opencv https://github.com/opencv/opencv.git "${sharp%.*}")
  contrib=$(fetch opencv_contrib https://github.com/opencv/opencv_contrib.git "${sharp%.*}")
  sharp_sources=$(fetch opencvsharp https://github.com/shimat/opencvsharp.git "$sharp")
  cmake -S "$opencv" -B "$sources/opencv-build" -D CMAKE_BUILD_TYPE=Release -D CMAKE_INSTALL_PREFIX="$prefix" -D OPENCV_EXTRA_MODULES_PATH="$contrib/modules" \
    -D BUILD_SHARED_LIBS=OFF -D CMAKE_POSITION_INDEPENDENT_CODE=ON -D OPENCV_ENABLE_NONFREE=OFF -D WITH_CUDA=OFF -D WITH_GSTREAMER=OFF -D WITH_GTK=OFF -D WITH_QT=OFF -D WITH_FFMPEG=ON -D WITH_V4L=ON \
    -D BUILD_TESTS=OFF -D BUILD_PERF_TESTS=OFF -D BUILD_EXAMPLES=OFF -D BUILD_JAVA=OFF -D BUILD_opencv_apps=OFF -D BUILD_opencv_python3=OFF
  cmake --build "$sources/opencv-build" --parallel "$jobs"
  cmake --install "$sources/opencv-build"
  cmake -S "$sharp_sources/src" -B "$sources/opencvsharp-build" -D CMAKE_BUILD_TYPE=Release -D OpenCV_DIR="$prefix/lib/cmake/opencv4"
  cmake --build "$sources/opencvsharp-build" --parallel "$jobs"
  install -m 644 "$sources/opencvsharp-build/OpenCvSharpExtern/libOpenCvSharpExtern.so" "$out/"
}

build_torch() {
  need build-essential cmake git python3-pip unzip
  local torch sharp
  python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$sources/torch" "torch==$libtorch"
  unzip -qo "$sources/torch/torch-$libtorch"*aarch64.whl -d "$sources/torch"
  torch=$sources/torch/torch
  sharp=$(fetch torchsharp https://github.com/dotnet/TorchSharp.git "v$(version_of TorchSharp-cpu)")
  # PyTorch's wheels are built with the new ABI of the standard library; TorchSharp's own build asks for the old one, or by now for none.
  sed -i '/_GLIBCXX_USE_CXX11_ABI=0/d' "$sharp/src/Native/CMakeLists.txt"
  echo 'static char sccsid[] __attribute__((used)) = "@(#)built for aarch64";' >"$sources/version.c"
  __CMakeBinDir="$sources/torchsharp-install" cmake -S "$sharp/src/Native" -B "$sources/torchsharp-build" -D CMAKE_BUILD_TYPE=Release \
    -D LIBTORCH_PATH="$torch/share/cmake/Torch" -D VERSION_FILE_PATH="$sources/version.c"
  cmake --build "$sources/torchsharp-build" --parallel "$jobs"
  cmake --install "$sources/torchsharp-build"
  install -m 644 "$sources/torchsharp-install/libLibTorchSharp.so" "$out/"
  # What libtorch_cpu.so is linked to lies beside it, in the wheel and here.
  find "$torch/lib" "$sources/torch/torch.libs" -maxdepth 1 -name '*.so*' ! -name '*python*' ! -name '*_test*' -exec install -m 644 -t "$out" {} + 2>/dev/null || fail "The wheel of torch $libtorch is laid out otherwise than expected: $sources/torch"
}

build_onnxruntime() {
  local version ort
  version=$(version_of Microsoft.ML.OnnxRuntime.Gpu)
  if [ -n "${ONNXRUNTIME_WHEEL:-}" ]; then
    need unzip
    unzip -qo "$ONNXRUNTIME_WHEEL" 'onnxruntime/capi/*' -d "$sources/onnxruntime-wheel"
    local library
    library=$(find "$sources/onnxruntime-wheel/onnxruntime/capi" -name 'libonnxruntime.so.*' | head -n 1)
    [ -n "$library" ] || fail "$ONNXRUNTIME_WHEEL has no libonnxruntime.so, only Python's own module: build from source, without ONNXRUNTIME_WHEEL."
    [ "$(printf '%s\n' "$version" "${library##*.so.}" | sort -V | head -n 1)" = "$version" ] || fail "$ONNXRUNTIME_WHEEL has ${library##*.so.}, older than $version: the programs would refuse it."
    install -m 644 "$library" "$out/libonnxruntime.so"
    install -m 644 "$sources"/onnxruntime-wheel/onnxruntime/capi/libonnxruntime_providers_*.so "$out/"
    return
  fi
  need build-essential git python3-pip
  [ -d /usr/local/cuda ] || fail "/usr/local/cuda is missing: install JetPack's CUDA, or use NVIDIA's container (Containerfile)."
  ort=$(fetch onnxruntime https://github.com/microsoft/onnxruntime.git "v$version")
  # 87 is Orin. Another architecture builds, lists CUDA, and fails at the first picture.
  "$ort/build.sh" --config Release --build_shared_lib --parallel "$jobs" --skip_tests --allow_running_as_root --use_cuda --cuda_home /usr/local/cuda --cudnn_home /usr \
    --cmake_extra_defines CMAKE_CUDA_ARCHITECTURES=87 onnxruntime_BUILD_UNIT_TESTS=OFF
  install -m 644 "$ort/build/Linux/Release/libonnxruntime.so" "$out/"
  install -m 644 "$ort"/build/Linux/Release/libonnxruntime_providers_*.so "$out/"
}

[ "${1:-}" = --out ] && { out=$2; shift 2; }
[ $# -gt 0 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2; }
for part in "$@"; do case "$part" in opencv | torch | onnxruntime) ;; *) fail "$part is none of opencv, torch, onnxruntime." ;; esac; done
[ "$(uname -m)" = aarch64 ] || fail "This machine is $(uname -m). Run it on the Jetson, or in an aarch64 container (Containerfile)."
mkdir -p "$out" "$sources"
for part in "$@"; do "build_$part"; done
ls -l "$out"
