#!/usr/bin/env bash
# Trains the real network before your eyes and shows what it learned: on drawn scenes, or on the photographs of a folder.
# usage: demo.sh BUILD [PHOTOS]
set -euo pipefail
build=$1
photos=${2:-}
out=demo
program=$build/cuunet

# About four minutes of steps of 8 pictures on two cores.
precision=f32 pictures=2400
"$program" doctor --json | grep -q '"bf16": "in hardware"' && precision=bf16 pictures=4000

rm -rf "$out"
mkdir -p "$out"
epochs=1
if [ -z "$photos" ]; then
  training=scenes:1:$pictures unseen=scenes:1:100:unseen
else
  # Every tenth photograph is kept aside.
  training=$out/training unseen=$out/unseen
  mkdir "$training" "$unseen"
  count=0
  while IFS= read -r -d '' file; do
    aside=$([ $((count % 10)) -eq 9 ] && echo "$unseen" || echo "$training")
    ln -s "$(realpath "$file")" "$aside/$count-$(basename "$file")"
    count=$((count + 1))
  done < <(find -L "$photos" -type f \( -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.png' -o -iname '*.bmp' \) -print0 | sort -z)
  [ "$count" -ge 20 ] || { echo "cuunet: error: $photos: the demo needs at least 20 photographs, found $count" >&2; exit 1; }
  epochs=$((pictures / count + 1))
fi

echo "Training DynamicUnet(ResNet-34), 41 million parameters, from nothing, on $training ($precision)."
echo "Loss: pixels only (--loss pixel). Without ImageNet weights the feature terms would compare random features."
"$program" train "$training" --valid "$unseen" --recipe demo --epochs "$epochs" --loss pixel --precision "$precision" \
  --out "$out/run"

echo
echo "Pictures it never saw, luminance kept; beside them predictors that are no network:"
"$program" examine "$out/run/model.safetensors" --training "$training" --unseen "$unseen" --sheet "$out/sheet.png" \
  | tee "$out/table.txt"
echo "Loss curve: $out/run/loss.svg"
