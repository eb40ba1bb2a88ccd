Traces that are not whole, or not traces: one line each. What can still be read of a cut one is read,
and a warning says that it was cut.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" . && neuron compile digits.onnx --target trn2 >/dev/null && neuron profile capture -n digits.neff -s good.ntff 2>/dev/null >&2
  $ : > bad-empty.ntff; neuron profile view -s bad-empty.ntff --output-format summary-text
  ! neuron: bad-empty.ntff: not an NTFF trace: its first bytes do not announce one
  ? 4
  $ head -c 100 good.ntff > bad-no-metadata.ntff; neuron profile view -s bad-no-metadata.ntff --output-format summary-text
  ! neuron: bad-no-metadata.ntff: not an NTFF trace: its first bytes do not announce one
  ? 4
  $ { printf '\011'; tail -c +2 good.ntff; } > bad-version.ntff; neuron profile view -s bad-version.ntff --output-format summary-text
  ! neuron: bad-version.ntff: NTFF version 9, versions 4 to 6 are known
  ? 5
  $ { head -c 1 good.ntff; printf '\377\377\377\377\377\377\377\177'; tail -c +10 good.ntff; } > bad-length.ntff; neuron profile view -s bad-length.ntff --output-format summary-text
  ! neuron: bad-length.ntff: ends inside its metadata: <any> bytes of 9223372036854775807; nothing can be read
  ? 4
  $ { head -c 128 good.ntff; printf '\377\377\377\377'; tail -c +133 good.ntff; } > bad-metadata.ntff; neuron profile view -s bad-metadata.ntff --output-format summary-text
  ! neuron: bad-metadata.ntff: not an NTFF trace: its first bytes do not announce one
  ? 4
  $ zstd -q good.ntff -o whole.zst && head -c 3000 whole.zst > bad-frame.ntff; neuron profile view -s bad-frame.ntff --output-format summary-text
  ! neuron: bad-frame.ntff: the zstd frame is cut short before its first block of data
  ? 4
  $ head -c 9000 good.ntff > cut.ntff; neuron profile view -s cut.ntff --output-format json --output-file cut.json; echo $?
  0
  ! neuron: warning: <any> bytes are missing at the end; the trace was cut short
