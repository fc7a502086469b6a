# The whole of it: make run to try it, make check before a commit, make test before a merge.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run build slim rootfs web check test e2e bench fuzz format generate clean \
	check-format check-vet check-lint check-workflows check-generated check-alerts check-openapi check-web check-units \
	test-clients test-mysql test-mariadb browser screenshots drill-upgrade check-heavy

TOOLS   := .cache/tools
RESULTS := .cache/results
STAGE    = BELFRY_TEST_RESULTS=$(RESULTS) scripts/stage.sh
# The tag slim leaves the embedded Temporal server out: it costs minutes of building,
# and only deploy/standalone and the end-to-end tests need it.
LIGHT   := -tags slim
# Folders whose tests do need it; those tests carry the tag e2e.
E2E      = $(shell grep -rl --include='*_test.go' '^//go:build e2e' . | xargs -r dirname | sort -u)
# Packages whose tests run on the server that BELFRY_TEST_MYSQL_DSN names, instead of on SQLite.
SERVER   = $(shell grep -rlE --include='*_test.go' 'storetest\.|belfry/internal/world"' . | xargs -r dirname | sort -u)
# On MariaDB, what may differ from MySQL: the store whole (statements, plans, locks, collations,
# migrations), and of the API its answers, its faults and a sample of hostile input.
MARIADB  = ./store/...
DIFFERS  = TestBothDatabases|TestParallelRepeats|TestOperatorsCannotRemove|Database|TestHostileInput
TESTSUM  = $(TOOLS)/gotestsum --format pkgname-and-test-fails --format-hide-empty-pkg --hide-summary skipped

# A repository owned by somebody else (a container's mount) must still build; and what is
# built must be the same for all steps, or the embedded server would be compiled twice.
export GOFLAGS += -buildvcs=false -trimpath

# Without cgo: what is built needs no C library, so it starts in an empty image, too. For all
# steps alike, or everything would be compiled twice; only the race detector needs cgo.
export CGO_ENABLED = 0
WATCHED  = env CGO_ENABLED=1 $(TESTSUM)

# The race detector watches our packages and all they call, except SQLite's C code in
# Go: it locks by itself, holds nothing of ours, and watching it doubles the time.
RACE := -race '-gcflags=modernc.org/...=-race=false -d=checkptr=0'

# The binary says which commit it is, where git may be asked.
STAMP    = $(shell git rev-parse HEAD >/dev/null 2>&1 && echo -buildvcs=true)

help: ## print this
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

run: build ## build and start everything in one process, with demo data (ARGS="--fresh" starts over)
	@./bin/belfry dev $(ARGS)

web: ## build the console into web/dist/app (needs Node 20.19 or newer)
	@scripts/console.sh build

build: ## build bin/belfry, with the console where Node is there
	@scripts/console.sh fresh
	@mkdir -p bin
	@scripts/build.sh bin/belfry $(STAMP) ./cmd/belfry

slim: ## build bin/belfry-slim, for production: without the embedded Temporal server
	@scripts/console.sh fresh
	@mkdir -p bin
	@scripts/build.sh bin/belfry-slim $(STAMP) $(LIGHT) -ldflags '-s -w' ./cmd/belfry

rootfs: slim ## lay the files of a container image into bin/rootfs, around bin/belfry-slim
	@scripts/rootfs.sh

check: check-format check-vet check-lint check-workflows check-generated check-alerts check-openapi check-web check-units ## everything that needs no server: format, vet, lint, arrows, sizes, documents, workflowcheck, alerts, Redocly, unit tests with -race

test: ## install what is missing, then check, the same on MySQL and MariaDB, and end to end
	@rm -rf $(RESULTS)
	@$(STAGE) install scripts/install.sh
	@$(MAKE) --no-print-directory -k check test-clients test-mysql test-mariadb e2e browser check-heavy || true
	@go run ./internal/house/tally -dir $(RESULTS) -tests units,mysql,mysql-rooms,mariadb,mariadb-api,e2e

e2e: $(TOOLS)/gotestsum ## the real binary: embedded Temporal, mail, SMS and webhook sinks, kill -9
	@$(STAGE) build $(MAKE) --no-print-directory build
	@mkdir -p $(RESULTS)
	@$(STAGE) e2e $(TESTSUM) --jsonfile $(RESULTS)/e2e.json -- -tags e2e -timeout 20m -count 1 -p 1 $(E2E)

drill-upgrade: ## servers and workers of the release before and of this one on one database, under load, both ways
	@$(MAKE) --no-print-directory build
	@go test -tags e2e,upgrade -count 1 -timeout 30m -v -run TestTwoReleasesOnOneDatabaseSendEverythingOnce ./e2e

browser: ## the console in a browser: the real binary, Chromium, every page in every look
	@$(STAGE) build $(MAKE) --no-print-directory build
	@$(STAGE) browser scripts/console.sh browser

screenshots: ## make the pictures of the README again: the real binary, Chromium
	@$(MAKE) --no-print-directory build
	@scripts/console.sh screenshots

bench: build slim ## measure Belfry beside the bare limits of this machine (ARGS="-short -only P1,P3")
	@mkdir -p $(RESULTS)
	go build -tags bench -o bin/bench ./bench
	@export BELFRY_TEST_DATA="$${TMPDIR:-/tmp}"; with=(); \
	for each in mariadb mysql; do if scripts/$$each.sh find; then with+=(scripts/$$each.sh run); fi; done; \
	"$${with[@]}" ./bin/bench -json $(RESULTS)/bench.json $(ARGS)

fuzz: ## fuzz every target for FUZZTIME (20s), one after the other
	@scripts/fuzz.sh

format: $(TOOLS)/gofumpt ## format the Go files
	@$(TOOLS)/gofumpt -w $$(git ls-files -co --exclude-standard '*.go')

generate: ## write the generated files again
	@go generate $(LIGHT) ./...
	@go test $(LIGHT) -count 1 ./catalog -run TestTheCatalogueDocumentIsCurrent -update
	@go test $(LIGHT) -count 1 ./api -run 'TestTheTableOfOperationsIsCurrent|TestTheDocumentOfTheConsoleIsCurrent' -update
	@scripts/console.sh client
	@go test $(LIGHT) -count 1 ./internal/house -run 'TestSettingsOfChannelsAreDocumented|TestLivesAreDrawn' -update

clean: ## delete what was built
	@rm -rf bin .cache

check-format: $(TOOLS)/gofumpt
	@$(STAGE) format scripts/unformatted.sh $(TOOLS)/gofumpt

check-vet:
	@$(STAGE) vet go vet $(LIGHT) ./...
	@$(STAGE) vet-bench go vet -tags slim,bench ./bench/...

check-lint: $(TOOLS)/golangci-lint
	@$(STAGE) lint $(TOOLS)/golangci-lint run ./...

check-workflows: $(TOOLS)/workflowcheck
	@$(STAGE) workflows $(TOOLS)/workflowcheck ./workflows/... ./worker/...

check-generated:
	@$(STAGE) generated scripts/generated.sh $(MAKE) --no-print-directory generate

check-alerts:
	@$(STAGE) alerts scripts/alerts.sh

check-openapi:
	@$(STAGE) openapi scripts/openapi.sh lint

check-web:
	@$(STAGE) web scripts/console.sh check

check-units: $(TOOLS)/gotestsum
	@mkdir -p $(RESULTS)
	@$(STAGE) units $(WATCHED) --jsonfile $(RESULTS)/units.json -- $(LIGHT) $(RACE) -timeout 20m ./...

# Three generators write a client from the OpenAPI document, and each is compiled.
test-clients:
	@$(STAGE) clients scripts/openapi.sh clients

# What races on MySQL and not on SQLite is in the store: the others are watched there.
test-mysql: $(TOOLS)/gotestsum
	@mkdir -p $(RESULTS)
	@$(STAGE) mysql scripts/mysql.sh run \
		$(WATCHED) --jsonfile $(RESULTS)/mysql.json -- $(LIGHT) $(RACE) -timeout 20m -count 1 $(filter ./store%,$(SERVER))
	@$(STAGE) mysql-rooms scripts/mysql.sh run \
		$(TESTSUM) --jsonfile $(RESULTS)/mysql-rooms.json -- $(LIGHT) -timeout 40m -count 1 $(filter-out ./store%,$(SERVER))

test-mariadb: $(TOOLS)/gotestsum
	@mkdir -p $(RESULTS)
	@$(STAGE) mariadb scripts/mariadb.sh run \
		$(WATCHED) --jsonfile $(RESULTS)/mariadb.json -- $(LIGHT) $(RACE) -timeout 20m -count 1 $(MARIADB)
	@$(STAGE) mariadb-api scripts/mariadb.sh run \
		$(WATCHED) --jsonfile $(RESULTS)/mariadb-api.json -- $(LIGHT) $(RACE) -timeout 20m -count 1 -run '$(DIFFERS)' ./api

# What check leaves out because it needs the embedded server compiled.
check-heavy: $(TOOLS)/golangci-lint
	@$(STAGE) vet-heavy go vet -tags e2e,upgrade,bench ./deploy/standalone/... ./bench/... $(E2E)
	@$(STAGE) lint-heavy $(TOOLS)/golangci-lint run --build-tags e2e,upgrade,bench ./deploy/standalone/... ./bench/... $(E2E)

# The tools have their own module, so that their libraries never meet Belfry's.
$(TOOLS)/%: tools/go.mod tools/go.sum
	@mkdir -p $(TOOLS)
	@$(STAGE) tool-$* go build -C tools -o ../$@ $$(cd tools && go list -f '{{if eq .Name "main"}}{{.ImportPath}}{{end}}' tool | grep '/$*$$')
