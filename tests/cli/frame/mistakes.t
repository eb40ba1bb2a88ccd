A wrong word is answered with the near one, whatever level it stands on.

  $ neuron packer
  ! neuron: no command 'packer'; did you mean 'packager'?
  ? 2
  $ neuron quux
  ! neuron: no command 'quux'
  ? 2
  $ neuron packager inof
  ! neuron: no command 'inof'; did you mean 'info'?
  ? 2
  $ ln -s "$(command -v neuron)" neuron-profile; ./neuron-profile captur
  ! neuron: no command 'captur'; did you mean 'capture'?
  ? 2

So is a wrong option.

  $ neuron describe --mna out
  ! neuron: unknown option '--mna'; did you mean '--man'?
  ? 2
  $ neuron describe --wrong
  ! neuron: unknown option '--wrong'; see 'neuron describe --help'
  ? 2
  $ neuron describe extra
  ! neuron: unexpected argument 'extra'; see 'neuron describe --help'
  ? 2
  $ neuron describe --man
  ! neuron: --man: 1 required DIR missing; see 'neuron describe --help'
  ? 2
