Manual pages and completions are printed by the program. A difference means that they are stale:
`neuron describe --man man --completions completions` in the source tree renews them.

  $ neuron describe --man man --completions completions
  $ for page in man/*; do diff -u "$SOURCE/$page" "$page" || echo "stale: run: neuron describe --man man --completions completions"; done
  $ for page in completions/*; do diff -u "$SOURCE/$page" "$page" || echo "stale: run: neuron describe --man man --completions completions"; done

No page is left over from a command that is gone.

  $ for page in "$SOURCE"/man/*.1; do test -e man/"$(basename "$page")" || echo "left over: $page"; done

The pages are clean troff.

  $ for page in man/*.1 man/*.7 "$SOURCE"/man/*.5; do test -e "$page" && groff -t -ww -rLL=130n -man -Tutf8 -z "$page"; done; true
