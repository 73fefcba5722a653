# Each word is one line that calls an npm script; the first one installs the locked packages.
.PHONY: run test test-servers test-long lint check bench chaos conformance build install

run: install ; @npm run --silent demo
test: install ; @npm run --silent test
test-servers: install ; @npm run --silent test:servers
test-long: install ; @npm run --silent test:long
lint: install ; @npm run --silent lint
check: install ; @npm run --silent check
bench: build ; @npm run --silent bench
chaos: install ; @npm run --silent chaos
conformance: install ; @npm run --silent conformance
build: install ; @npm run --silent build

install: node_modules/.package-lock.json
node_modules/.package-lock.json: package-lock.json ; @npm ci --no-audit --no-fund --loglevel=error && touch $@
