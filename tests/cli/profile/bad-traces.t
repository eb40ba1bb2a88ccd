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

Other ways of being no trace, or the wrong one.

  $ { printf '\003'; tail -c +2 good.ntff; } > bad-old-version.ntff; neuron profile view -s bad-old-version.ntff --output-format json
  ! neuron: bad-old-version.ntff: NTFF version 3, versions 4 to 6 are known
  ? 5
  $ { printf '\000'; tail -c +2 good.ntff; } > bad-version-zero.ntff; neuron profile view -s bad-version-zero.ntff --output-format json
  ! neuron: bad-version-zero.ntff: not an NTFF trace: its first bytes do not announce one
  ? 4
  $ { head -c 1 good.ntff; printf '\0\0\0\0\0\0\0\0'; tail -c +10 good.ntff; } > bad-no-length.ntff; neuron profile view -s bad-no-length.ntff --output-format json
  ! neuron: bad-no-length.ntff: metadata: no core trace in it, expected one for each core
  ? 4
  $ { head -c 1 good.ntff; printf '\050\0\0\0\0\0\0\0'; tail -c +10 good.ntff; } > bad-short-length.ntff; neuron profile view -s bad-short-length.ntff --output-format json
  ! neuron: bad-short-length.ntff: metadata: the metadata message is damaged
  ? 4
  $ head -c 8 good.ntff > bad-header-cut.ntff; neuron profile view -s bad-header-cut.ntff --output-format json
  ! neuron: bad-header-cut.ntff: not an NTFF trace: its first bytes do not announce one
  ? 4
  $ head -c 128 good.ntff > bad-header-only.ntff; neuron profile view -s bad-header-only.ntff --output-format json
  ! neuron: bad-header-only.ntff: not an NTFF trace: its first bytes do not announce one
  ? 4
  $ head -c 4 whole.zst > bad-frame-magic.ntff; neuron profile view -s bad-frame-magic.ntff --output-format json
  ! neuron: bad-frame-magic.ntff: the zstd frame is cut short before its first block of data
  ? 4
  $ { head -c 2000 whole.zst; printf 'damaged'; tail -c +2008 whole.zst; } > bad-frame-damaged.ntff; neuron profile view -s bad-frame-damaged.ntff --output-format json
  ! neuron: bad-frame-damaged.ntff: zstd frame: <any>
  ? 4
  $ : | zstd -q > bad-frame-empty.ntff; neuron profile view -s bad-frame-empty.ntff --output-format json
  ! neuron: bad-frame-empty.ntff: the zstd frame is cut short before its first block of data
  ? 4
  $ printf 'a text' | zstd -q > bad-frame-text.ntff; neuron profile view -s bad-frame-text.ntff --output-format json
  ! neuron: bad-frame-text.ntff: not an NTFF trace: its first bytes do not announce one
  ? 4
  $ echo '{}' > bad-json.ntff; neuron profile view -s bad-json.ntff --output-format json
  ! neuron: bad-json.ntff: not an NTFF trace: its first bytes do not announce one
  ? 4
  $ neuron profile view -s digits.neff --output-format json
  ! neuron: digits.neff: not an NTFF trace: its first bytes do not announce one
  ? 4
  $ neuron profile view -s . --output-format json
  ! neuron: .: not a regular file
  ? 3
  $ neuron profile view -n good.ntff -s good.ntff --output-format json
  ! neuron: good.ntff: header: header_size at byte 8 is 0, expected 1024
  ? 4
  $ neuron compile digits.onnx --target trn1 -o other.neff >/dev/null; neuron profile view -n other.neff -s good.ntff --output-format json
  ! neuron: good.ntff: the trace is of the package <any>, but the package given is <any>; give the NEFF that was captured
  ? 12

  $ head -c 160 good.ntff > bad-metadata-cut.ntff; neuron profile view -s bad-metadata-cut.ntff --output-format json
  ! neuron: bad-metadata-cut.ntff: ends inside its metadata: <any> bytes of <any>; nothing can be read
  ? 4
  $ head -c 4096 /dev/zero > bad-zeros.ntff; neuron profile view -s bad-zeros.ntff --output-format json
  ! neuron: bad-zeros.ntff: not an NTFF trace: its first bytes do not announce one
  ? 4
  $ gzip -c good.ntff > bad-gzip.ntff; neuron profile view -s bad-gzip.ntff --output-format json
  ! neuron: bad-gzip.ntff: not an NTFF trace: its first bytes do not announce one
  ? 4
  $ head -c 3000 good.ntff | zstd -q > bad-frame-of-cut.ntff; neuron profile view -s bad-frame-of-cut.ntff --output-format json >/dev/null
  ! neuron: bad-frame-of-cut.ntff: ends inside its metadata: <any> bytes of <any>; nothing can be read
  ? 4

Twenty-one files above have a name of their own.

  $ ls bad-*.ntff | wc -l
  21

A trace cut anywhere is refused with one line as long as its metadata is not whole, and read as far as it
goes with a warning afterwards. Forty cuts at even distances; what is printed counts those that did neither.

  $ size=$(stat -c %s good.ntff); wrong=0; for i in $(seq 0 39); do head -c $((size * i / 40)) good.ntff > part.ntff; neuron profile view -s part.ntff --output-format summary-text >part.out 2>part.err; code=$?; if [ $code = 0 ]; then grep -q 'the trace was cut short' part.err && [ -s part.out ]; else [ $code = 4 ] && [ $(wc -l < part.err) = 1 ] && ! [ -s part.out ]; fi || wrong=$((wrong + 1)); done; echo $wrong
  0
