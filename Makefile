# Visavis. `make` alone says what there is. Every target installs what it needs, and nothing twice.

SHELL         := bash
.SHELLFLAGS   := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS     += --no-builtin-rules --no-print-directory

# Prerequisites run in the order in which they are written.
.NOTPARALLEL:

BUILD   := build
WEIGHTS := $(BUILD)/weights
PHOTOS  := $(BUILD)/faces
STORY   := $(BUILD)/demo
TOUR    := $(BUILD)/ui

# Which camera `make run` uses: auto (a webcam, or puppets where there is none), webcam, puppet.
CAMERA ?= auto

# make ui UPDATE=1 makes the golden pictures anew instead of comparing with them. Look at them before you commit.
UPDATE ?=

# A folder that has the model files or photographs already: make weights FROM=DIR, make faces FROM=DIR. Empty for none.
FROM ?=

# How many presentations of each attack `make face` measures. 5 say in two minutes that the way is sound; 200 are what docs/biometrics.md states.
N ?= 200

# How long `make fuzz` runs each target, in Go's form.
FUZZTIME ?= 10s

# Pinned, and outside go.mod: a tool is no dependency of the product.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# One set of flags for build, vet and tests alike: another would compile OpenCV's bindings again, three minutes.
export GOFLAGS += -buildvcs=false
# More BLAS threads a process only make dlib's small network slower.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build weights faces ## The whole story, headless: desk, sign-up, approval, face, encrypted room
	@.ci/stage demo $(BUILD)/visavis demo --bin $(BUILD) --weights $(WEIGHTS) --faces $(PHOTOS) --keep $(STORY)

.PHONY: run
run: build weights faces ## A server of your own and the window on it, with your webcam, or a puppet where there is none
	@$(BUILD)/visavis try --bin $(BUILD) --weights $(WEIGHTS) --faces $(PHOTOS) --keep $(BUILD)/run --camera $(CAMERA)

.PHONY: ui
ui: build weights faces ## The tour of the real window on two private displays, photographed into build/ui and compared
	@.ci/stage tour go build -o $(BUILD)/tour/ ./cmd/visavis/internal/tour ./cmd/visavis/internal/tour/testdata/emptywindow
	@.ci/stage ui $(BUILD)/tour/tour --bin $(BUILD) --weights $(WEIGHTS) --faces $(PHOTOS) --keep $(TOUR) \
		--empty $(BUILD)/tour/emptywindow $(if $(UPDATE),--update)

.PHONY: face
face: build reference weights faces ## The face gate measured: faces told apart, attacks refused, speed; one table (N=200 attacks of each kind, FACES=DIR for real faces)
	@.ci/face $(N)

.PHONY: doctor
doctor: build weights faces ## Examines this machine: camera, light, models, speed, and what to do about each
	@$(BUILD)/visavis doctor --weights $(WEIGHTS) --picture $(PHOTOS)/face.jpg

.PHONY: test
test: deps weights faces ## All tests
	@.ci/stage test go test -timeout 20m ./...

.PHONY: hostile
hostile: deps weights faces ## Every attack of docs/attacks.md by name, and whether it was held
	@.ci/hostile

.PHONY: prove
prove: deps ## Takes the defences out, one by one, and says which tests of docs/attacks.md notice
	@go run ./cmd/walls/prove

.PHONY: check
check: deps gofmt vet staticcheck walls test test-race ## All that a change must pass

.PHONY: build
build: deps ## The programs, into build/ (the native parts take minutes the first time)
	@.ci/stage pure env CGO_ENABLED=0 go build -o $(BUILD)/ ./cmd/visavisd ./cmd/visavis-bench
	@.ci/stage build go build -o $(BUILD)/ ./cmd/visavis ./cmd/visavis-eye ./cmd/visavis-puppet

.PHONY: reference
reference: deps ## The program that drives dlib by itself, from C++, which speed is compared with (a minute)
	@.ci/stage reference biometrics/face/reference/build $(BUILD)/visavis-reference

.PHONY: deps
deps: ## Debian packages and Go modules
	@.ci/stage install .ci/install

.PHONY: weights
weights: deps ## dlib's model files, each checked against its SHA-256
	@.ci/stage weights go run ./cmd/visavis-fetch weights --dir $(WEIGHTS) $(if $(FROM),--from "$(FROM)")

.PHONY: faces
faces: deps ## The demo's photographs
	@.ci/stage faces go run ./cmd/visavis-fetch demo-faces --dir $(PHOTOS) $(if $(FROM),--from "$(FROM)")

.PHONY: test-race
test-race: deps ## The race detector over the packages that reach no native code
	@packages=$$(.ci/pure); .ci/stage test-race go test -race -timeout 20m $$packages

.PHONY: test-native
test-native: deps weights faces ## The native packages with OpenCV's matrices counted: none may be left open
	@.ci/stage test-native go test -tags matprofile ./biometrics/camera ./biometrics/face ./biometrics/puppet

.PHONY: fuzz
fuzz: deps ## Every fuzz target of the pure packages, each for FUZZTIME
	@.ci/fuzz $(FUZZTIME)

.PHONY: lint
lint: gofmt vet staticcheck walls ## gofmt, vet, staticcheck, walls

.PHONY: gofmt
gofmt: ## Fails on a file that gofmt would change
	@.ci/stage gofmt bash -c 'test -z "$$(gofmt -l biometrics chat cmd config models | tee /dev/stderr)"'

.PHONY: vet
vet: deps ## go vet
	@.ci/stage vet go vet ./...

.PHONY: staticcheck
staticcheck: deps ## staticcheck at its pinned version, every check
	@.ci/stage staticcheck go run $(STATICCHECK) -checks all ./...

.PHONY: walls
walls: deps ## Who may import whom, and the rules of the house
	@.ci/stage walls go test ./cmd/walls/...

.PHONY: clean
clean: ## Removes what was built and fetched; Go's caches stay
	rm -rf $(BUILD)
