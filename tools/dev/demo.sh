#!/usr/bin/env bash
# Trains the real network before your eyes and shows what it learned: on drawn scenes, or on the photographs of a folder.
# usage: demo.sh BUILD [PHOTOS]
set -euo pipefail
build=$1
photos=${2:-}
out=demo
program=$build/cuunet

# On two cores with bf16 in hardware three and a half minutes of steps of 8 pictures.
precision=f32 pictures=2400
"$program" doctor --json | grep -q '"bf16": "in hardware"' && precision=bf16 pictures=6000

files=()
if [ -n "$photos" ]; then
  [ -d "$photos" ] || { echo "cuunet: error: $photos: expected a folder of photographs, found none" >&2; exit 1; }
  mapfile -d '' -t files < <(find -L "$photos" -type f \( -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.png' \
    -o -iname '*.bmp' \) -print0 | sort -z)
  [ ${#files[@]} -ge 20 ] || {
    echo "cuunet: error: $photos: the demo needs at least 20 photographs, found ${#files[@]}" >&2
    exit 1
  }
fi
# A demo that was stopped goes on; one that was finished, or made of something else, is kept beside the new one.
of="${photos:-scenes} $precision"
if [ -e "$out" ] && { [ -e "$out/table.txt" ] || [ "$(cat "$out/of" 2> /dev/null)" != "$of" ]; }; then
  rm -rf "$out.previous"
  mv "$out" "$out.previous"
  echo "The demo made before is kept in $out.previous."
fi
mkdir -p "$out"
echo "$of" > "$out/of"
epochs=1
if [ -z "$photos" ]; then
  training=scenes:1:$pictures unseen=scenes:1:100:unseen
else
  # Every tenth photograph is kept aside.
  training=$out/training unseen=$out/unseen
  rm -rf "$training" "$unseen"
  mkdir "$training" "$unseen"
  for i in "${!files[@]}"; do
    aside=$([ $((i % 10)) -eq 9 ] && echo "$unseen" || echo "$training")
    ln -s "$(realpath "${files[i]}")" "$aside/$i-$(basename "${files[i]}")"
  done
  epochs=$((pictures / ${#files[@]} + 1))
fi

echo "Training DynamicUnet(ResNet-34), 41 million parameters, from nothing, on $training ($precision)."
echo "Loss: pixels only (--loss pixel). Without ImageNet weights the feature terms would compare random features."
"$program" train "$training" --valid "$unseen" --recipe demo --epochs "$epochs" --loss pixel --precision "$precision" \
  --out "$out/run" --resume

echo
echo "Pictures it never saw, luminance kept; beside them predictors that are no network:"
"$program" examine "$out/run/model.safetensors" --training "$training" --unseen "$unseen" --sheet "$out/sheet.png" \
  | tee "$out/table.part"
mv "$out/table.part" "$out/table.txt"
echo "Loss curve: $out/run/loss.svg"
