Needs: ip unshare

Four hosts with addresses of their own, as network namespaces, compute together; one of them is cut
off in mid-operation: all others name its rank within the time-out, and can start again. Where
namespaces are not permitted the script says so instead.

  $ sh "$SOURCE/tests/cli/collectives/hosts.sh"
  four hosts: <any>
