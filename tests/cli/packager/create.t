A package can be made of a directory of members. The archive that unpack left there is no member.

  $ neff-text > model.neff </dev/null
  $ neuron packager unpack model.neff
  Unpacking NEFF in "model" directory...
  $ neuron packager create -i model -o a
  Successfully generated: a.neff
  $ tail -c +1025 a.neff | tar tzf -
  info.json
  kelf-0.json
  sg00/SP.bin
  sg00/SP.json
  sg00/def.json
  sg00/value_w.npy
  neff.json

The same members make the same bytes, wherever they lie and whenever they were written.

  $ cp -r model elsewhere && neuron packager create -i elsewhere -o b
  Successfully generated: b.neff
  $ cmp a.neff b.neff
  $ SOURCE_DATE_EPOCH=86400 neuron packager create -i model -o c --compress none
  Successfully generated: c.neff
  $ tail -c +1025 c.neff | TZ=UTC tar tvf - info.json | tr -s ' '
  -rw-rw-r-- nobody/nobody <any> 1970-01-02 00:00 info.json
  $ SOURCE_DATE_EPOCH=now neuron packager create -i model -o d
  ! neuron: SOURCE_DATE_EPOCH is now, expected seconds since 1970
  ? 2
  $ neuron packager create -i model -o d --uuid c3275f90-b87d-11ed-80b6-0e6b4183ae7f
  Successfully generated: d.neff
  $ neuron packager info d.neff | grep UUID
        UUID:                          c3275f90b87d11ed80b60e6b4183ae7f

An archive stays as it is, unless it is to be compressed anew or not at all.

  $ neuron packager create -i model/neff.tgz -o e --compress none
  Successfully generated: e.neff
  $ tail -c +1025 e.neff | tar tf - | wc -l
  7

Raw constants need a feature that runtimes must know. With features, the version is 2.0.

  $ neuron packager optimize a.neff -o fast.neff
  Successfully generated: fast.neff
  $ neuron packager unpack fast.neff
  Unpacking NEFF in "fast" directory...
  $ neuron packager create -i fast -o f
  ! neuron: fast: sg00/weights.bin, a raw constant of w, needs the feature bin-weights (see --enable-feature)
  ? 2
  $ neuron packager create -i fast -o f -e bin-weights
  Successfully generated: f.neff
  $ neuron packager info f.neff | grep -E 'Major|Minor|Features'
        Major Version:                 2
        Minor Version:                 0
        Enabled Features:              bin-weights
  $ neuron packager create -i fast -o f -e bin-weights -k 1.0
  ! neuron: --neff-version is 1.0, features need 2.0 or newer
  ? 2
  $ neuron packager create -i fast -o f --num-nc 0
  ! neuron: --num-nc: Value 0 not in range 1 to 2147483647; see 'neuron packager create --help'
  ? 2
  $ ln -s /etc/hostname model/link && neuron packager create -i model -o g
  ! neuron: model/link: a package holds files and directories only
  ? 2
