#!/bin/sh
# LocalStack's image runs this before it starts: adds our package, mounted at /opt/localstack-host, to its environment.
set -eu
pip=/opt/code/localstack/.venv/bin/pip
cp -r /opt/localstack-host /tmp/localstack-host # a build writes into its source directory
"$pip" install --quiet jsonata-python==0.7.0
"$pip" install --quiet --no-deps /tmp/localstack-host
