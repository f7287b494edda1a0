#!/bin/sh
# Prints the Debian mirror that this machine is set up to use: the first archive in its apt sources that has a main
# Debian suite (not the security archive, nor a third party's). Debian's own where there is none.
mirror=$(
  find /etc/apt -maxdepth 2 \( -name '*.list' -o -name '*.sources' \) -exec sed -nE \
    -e 's/^deb (\[[^]]*\] )?([^ ]+).*/\2/p' -e 's/^URIs: *([^ ]+).*/\1/p' {} + |
    grep -m 1 -E '/debian/?$'
)
echo "${mirror:-http://deb.debian.org/debian}"
