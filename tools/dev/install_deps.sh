#!/usr/bin/env bash
# Installs the Debian packages that the build needs and this machine lacks. usage: install_deps.sh [PACKAGE…], more of them
set -euo pipefail
packages=(g++ cmake ninja-build pkg-config ccache libdnnl-dev libeigen3-dev libjpeg62-turbo-dev libstb-dev
          nlohmann-json3-dev libcli11-dev libfmt-dev doctest-dev libcpp-httplib-dev libssl-dev ca-certificates python3 "$@")
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get > /dev/null; then
  echo "cuunet: error: missing ${missing[*]}; this machine has no apt-get, install their equals and go on with cmake" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || {
    echo "cuunet: error: packages are missing and there is no sudo here; as root: apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing ${missing[*]}${as_root[*]:+ (with sudo, which may ask for your password)}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
