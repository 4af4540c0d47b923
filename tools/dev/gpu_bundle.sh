#!/usr/bin/env bash
# Fills .deps/ with the headers and libraries that the build needs, so that a machine with a GPU and no network and no
# root can build from this checkout: cmake -DCMAKE_PREFIX_PATH="$PWD/.deps/usr" -DCUUNET_ONEDNN=OFF. Debian or Ubuntu.
# usage: gpu_bundle.sh [CONFORMANCE_KIT], a folder of further conformance families to take along
set -euo pipefail
cd "$(dirname "$0")/../.."
kit=${1:-}
limit_mib=60
developed=(libfmt-dev nlohmann-json3-dev libcli11-dev libeigen3-dev libstb-dev libjpeg-dev doctest-dev libbenchmark-dev)

fail() {
  echo "cuunet: error: $*" >&2
  exit 1
}
command -v apt-get > /dev/null && command -v dpkg > /dev/null || fail "the bundle is made of Debian's packages; no apt-get here"
[ -z "$kit" ] || [ -d "$kit" ] || fail "$kit: expected a folder of conformance families, found none"

# Of what a package depends on, the libraries that are not the compiler's own.
libraries_of() {
  apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@" |
    sed -n 's/^ *|\?Depends: \(lib[^ ]*\)$/\1/p' | grep -vE '^lib(c6|c-dev|gcc|stdc|stb)' | sort -u
}
# A package that only names another, as libjpeg-dev does: what it names.
mapfile -t named < <(libraries_of "${developed[@]}")
mapfile -t libraries < <(libraries_of "${developed[@]}" "${named[@]}")

rm -rf .deps
mkdir .deps
debs=$(mktemp -d)
trap 'rm -rf "$debs"' EXIT
(cd "$debs" && apt-get -o APT::Sandbox::User=root -qq download "${developed[@]}" "${libraries[@]}") ||
  fail "packages could not be downloaded; after apt-get update, again"
for deb in "$debs"/*.deb; do dpkg -x "$deb" .deps; done

# Compilers look into include/, CMake's package files stay where their relative paths hold; none keeps a path of here.
multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2> /dev/null || gcc -print-multiarch)
cp -r .deps/usr/include/"$multiarch"/. .deps/usr/include
rm -rf .deps/usr/include/"$multiarch" .deps/usr/share/{doc,lintian,pkgconfig,man} .deps/usr/lib/"$multiarch"/{pkgconfig,libstb.*}
lost=$(find .deps -xtype l -o -lname '/*')
[ -z "$lost" ] || fail "the bundle has links that lead out of it: $lost"

if [ -n "$kit" ]; then
  mkdir .deps/conformance
  cp -r --no-preserve=mode "$kit"/. .deps/conformance
fi

mib() { echo $((($(cat) + (1 << 20) - 1) >> 20)); }
bundle=$(du -sb .deps | cut -f1 | mib)
checkout=$(git ls-files -z | xargs -0 stat -c %s | awk '{ sum += $1 } END { print sum }' | mib)
[ $((bundle + checkout)) -le $limit_mib ] ||
  fail ".deps has $bundle MiB and the checkout $checkout, more than $limit_mib together; take a smaller kit"
echo ".deps: $bundle MiB (${#developed[@]} packages and their libraries${kit:+, conformance from $kit}); checkout: $checkout MiB"
