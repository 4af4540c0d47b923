#!/usr/bin/env bash
# Trains the real network before your eyes and shows what it learned: on drawn scenes, or on the photographs of a folder.
# usage: demo.sh BUILD [PHOTOS]
set -euo pipefail
build=$1
photos=${2:-}
out=demo
program=$build/cuunet

precision=f32
"$program" doctor --json | grep -q '"bf16": "in hardware"' && precision=bf16

rm -rf "$out"
mkdir -p "$out"
if [ -z "$photos" ]; then
  training=scenes:1:2400 unseen=scenes:1:100:unseen
  steps=()
else
  training=$photos unseen=$photos
  count=$(find -L "$photos" -type f \( -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.png' -o -iname '*.bmp' \) | wc -l)
  [ "$count" -gt 0 ] || { echo "cuunet: error: $photos: no photographs in this folder" >&2; exit 1; }
  steps=(--epochs $((2400 / count + 1)))
fi

echo "Training DynamicUnet(ResNet-34), 41 million parameters, from nothing, on $training ($precision)."
echo "Loss: pixels only. Without ImageNet weights the feature terms compare random features; in the time a demo has"
echo "they cost three times the work per step and did not give better pictures."
if [ -z "$photos" ]; then
  "$program" train "$training" --valid "$unseen" --recipe demo --loss pixel --precision "$precision" --out "$out/run"
else
  "$program" train "$training" --recipe demo --loss pixel --precision "$precision" --out "$out/run" "${steps[@]}"
fi

echo
echo "Pictures it never saw, luminance kept; beside them predictors that are no network:"
"$program" examine "$out/run/model.safetensors" --training "$training" --unseen "$unseen" --sheet "$out/sheet.png" \
  | tee "$out/table.txt"
echo "Loss curve: $out/run/loss.svg"
