What was compiled before is not compiled again: content counts, not names or places.

  $ cp "$SOURCE/tests/data/digits/digits.onnx" .
  $ echo 'export NEURON_COMPILE_CACHE_URL=file://$PWD/kept' > cache.env
  $ . ./cache.env; neuron compile --show-cache | sed 's/.*: //'
  0 packages, 0 bytes of at most 4294967296
  $ . ./cache.env; neuron compile digits.onnx --target trn2 -o a.neff | head -n 1
  a.neff: 43174 bytes for trn2
  $ . ./cache.env; mkdir far && cp digits.onnx far/ && neuron compile far/digits.onnx --target trn2 -o b.neff | head -n 1; cmp a.neff b.neff
  b.neff: 43174 bytes for trn2, from the cache
  $ . ./cache.env; neuron compile digits.onnx --target trn2 -o b.neff --no-cache | head -n 1; cmp a.neff b.neff
  b.neff: 43174 bytes for trn2

Another target, another precision or another name is another package.

  $ . ./cache.env; neuron compile digits.onnx --target trn1 -o c.neff | head -n 1
  c.neff: 43297 bytes for trn1
  $ . ./cache.env; neuron compile digits.onnx --target trn2 --auto-cast matmult -o d.neff | head -n 1
  d.neff: 23201 bytes for trn2
  $ . ./cache.env; neuron compile digits.onnx --target trn2 --name other -o e.neff | head -n 1
  e.neff: 43173 bytes for trn2
  $ . ./cache.env; neuron compile --show-cache | sed -n 's/.* \([0-9]*\) .*Z  /\1 /p' | sort
   digits
   digits
   digits
   other
  $ . ./cache.env; neuron compile --show-cache --json | grep -c '"key"'
  4

A damaged package is none.

  $ . ./cache.env; for f in kept/*.entry; do printf x | dd of="$f" bs=1 seek=500 conv=notrunc 2>/dev/null; done
  $ . ./cache.env; neuron compile digits.onnx --target trn2 -o b.neff | head -n 1; cmp a.neff b.neff
  b.neff: 43174 bytes for trn2

It stays below its bound, and those go first that were not used for longest.

  $ . ./cache.env; neuron compile --trim-cache 60K | sed 's/.*: //'
  3 packages removed
  $ . ./cache.env; NEURON_COMPILE_CACHE_SIZE=1K neuron compile digits.onnx --target trn1 -o c.neff >/dev/null; neuron compile --show-cache | tail -n 1 | sed 's/.*: //; s/, .*//'
  1 package
  $ . ./cache.env; neuron compile --clear-cache | sed 's/.*: //'
  1 package removed
  $ NEURON_COMPILE_CACHE_URL=off neuron compile --show-cache
  the cache is off
  $ . ./cache.env; NEURON_COMPILE_CACHE_SIZE=lots neuron compile --show-cache
  ! neuron: size 'lots': expected bytes, or such as 500M or 4G
  ? 2
  $ . ./cache.env; neuron compile --trim-cache much
  ! neuron: size 'much': expected bytes, or such as 500M or 4G
  ? 2

A cache that cannot be written does not stop a compile.

  $ NEURON_COMPILE_CACHE_URL=/dev/null/x neuron compile digits.onnx --target trn2 -o a.neff >/dev/null
  ! neuron: warning: the cache does not keep the package: /dev/null/x: cannot create: Not a directory
