# What to type. The work is done by Scripts/, which can be run alone as well.

# For `make test`: further arguments of the test runner, such as --filter GrammarTests.
TEST_FLAGS ?=
# For `make long`: what to run, and how much of it (`make long` alone says which takes what).
WHAT ?=
SECONDS ?= 60
TARGETS ?=
VERDICTS ?= 1000000
ROUNDS ?= 10
SHARE ?= 1/1

LONG := airflow bench bounds bucket-speed buckets ceph cuts damage dist fuzz image mlflow oracle panels patches picture postgres producer soak twin upkeep
# One thing after the other: an installation first, then what needs it.
.NOTPARALLEL:
# Where `make install` puts the program.
PREFIX ?= /usr/local
.PHONY: help build install uninstall dist demo test bench dashboards image lint long stop clean $(LONG:%=long-%)

help:
	@echo 'make demo        the whole way on real sample logs, into a private PostgreSQL, and the verdicts read back'
	@echo 'make build       the optimised program: .build/release/corrparse'
	@echo 'make install     program, manual page and completions below PREFIX=/usr/local; uninstall takes them away'
	@echo 'make dist        a tarball and a Debian package of the program, with checksums, in .build/dist'
	@echo 'make test        every test, beside a throw-away PostgreSQL (TEST_FLAGS="--filter GrammarTests" for some)'
	@echo 'make lint        format, file length, references, modules, migrations, Python, shell scripts'
	@echo 'make bench       every bar of speed and memory with a tenth of the data: under five minutes'
	@echo 'make image       the container image, by podman from the Containerfile, and its test: ten minutes'
	@echo 'make dashboards  writes the files under grafana/ anew, with the codes and bounds of the program'
	@echo 'make long        what takes longer: tests at length, fuzzing, the image, real Airflow, the bars at full size'
	@echo 'make stop        stops the private PostgreSQL of the demo; its data stay'
	@echo 'make clean       stops it and deletes everything that was built or stored here'

# Each target installs what it needs and what is missing, before it does anything else.
dependencies-%:
	@Scripts/install-dependencies.sh $*

build: dependencies-build
	swift build -c release --product corrparse $$(Scripts/static-stdlib.sh)

install: dependencies-install build
	Scripts/install.sh .build/release/corrparse '$(DESTDIR)$(PREFIX)'

uninstall:
	Scripts/install.sh --remove '$(DESTDIR)$(PREFIX)'

dist: dependencies-dist
	@Scripts/dist.sh

demo: dependencies-demo build
	@Scripts/demo.sh

test: dependencies-test
	@Scripts/test.sh $(TEST_FLAGS)

lint: dependencies-lint
	@Scripts/lint.sh

dashboards: dependencies-python
	swift build --product corrparse
	Scripts/with-postgres.sh grafana/generate.py --corrparse .build/debug/corrparse
	CORRPARSE=.build/debug/corrparse Scripts/with-postgres.sh Scripts/dashboard-pictures.py

bench: dependencies-bench build
	Scripts/build-static.sh >/dev/null
	Scripts/with-postgres.sh Benchmarks/bench.py --quick --corrparse .build/release/corrparse --static .build/static/release/corrparse
	Benchmarks/instructions.py --corrparse .build/release/corrparse

# Its server waits for the disk, as a real one does.
bench long-bench: export CORRPARSE_TEST_POSTGRES_OPTIONS =

stop:
	@Scripts/postgres.sh stop

clean:
	@Scripts/postgres.sh remove
	@if [ -d .build/containers ]; then Scripts/podman.sh system reset --force; fi  # else something stays mounted there
	rm -rf .build .corrparse

long:
ifeq ($(WHAT),)
	@echo 'make long WHAT=airflow       ten minutes; more the first time, which installs Airflow 2 and 3. What is in airflow/, in both'
	@echo 'make long WHAT=bench         over an hour, 20 GB of disk. Every bar at full size, and panels and bucket-speed'
	@echo 'make long WHAT=bounds        half an hour, 2 GB of disk. Time and memory of logs made to exhaust them, at full size'
	@echo 'make long WHAT=bucket-speed  minutes. Logs from a bucket beside the same logs on disk; how long a bucket is listed'
	@echo 'make long WHAT=buckets       ten minutes. The tests of object stores: 5,000 objects, every fault at every request'
	@echo 'make long WHAT=ceph          ten minutes, 70 MB to download. The tests of buckets on a real server, Ceph radosgw'
	@echo 'make long WHAT=cuts          some minutes. The sample logs cut at every byte, where the sample logs are there'
	@echo 'make long WHAT=damage        hours; with SHARE=1/100, minutes. One fault at a time in every block of the corpus and of the sample logs'
	@echo 'make long WHAT=dist          ten minutes. What `make dist` makes, installed and used in a minimal Debian'
	@echo 'make long WHAT=fuzz          SECONDS=60 for each fuzz target (TARGETS="gzip json" for some); findings in Fuzz/Findings'
	@echo 'make long WHAT=image         twenty minutes. As make image, with ROUNDS=10 times ten SIGTERMs to the program as process 1'
	@echo 'make long WHAT=mlflow        ten minutes; more the first time, which installs MLflow 2.8 and 3.17 (1.6 GB). observe mlflow on real servers, and a whole installation'
	@echo 'make long WHAT=oracle        ten minutes. Thousands of generated logs against a second reading of the specification'
	@echo 'make long WHAT=panels        minutes with VERDICTS=1000000, half an hour with ten times as many. The queries of the dashboards'
	@echo 'make long WHAT=patches       half an hour. The made-up changes of examples/changes applied to a clone, built and tested'
	@echo 'make long WHAT=picture       a minute. Draws docs/report.png anew, from a made-up year of data'
	@echo 'make long WHAT=postgres      half an hour, 50 MB to download. The tests of the database on PostgreSQL 14 to 18, and their rows compared'
	@echo 'make long WHAT=producer      ten minutes; twenty the first time. The module that prints blocks: numpy, pandas, structlog, real Airflow'
	@echo 'make long WHAT=soak          hours. The fault tests, ROUNDS=10 times those of make test, and a cut at every byte (SHARE=1/16: a part)'
	@echo 'make long WHAT=twin          minutes. Runs, signals and state of 500 random scenarios against a second reading of the specification'
	@echo 'make long WHAT=upkeep        minutes with VERDICTS=1000000. How long prune and reclassify take, and who waits for them'
else ifneq ($(filter $(WHAT),$(LONG)),)
	@$(MAKE) --no-print-directory long-$(WHAT)
else
	@echo "there is no long '$(WHAT)'; 'make long' says what there is" >&2; exit 64
endif

# In real Airflow, 2 and 3: the example DAG, the listener, the callback.
long-airflow: dependencies-python
	swift build --product corrparse
	for major in 2 3; do \
	  Scripts/with-postgres.sh python3 Tests/Cluster/test_airflow.py $$major || exit 1; \
	  Scripts/cluster-tools.sh python3 Tests/Cluster/test_airflow_ends.py $$major || exit 1; \
	done

# Every part runs, whatever bar another one missed.
long-bench: dependencies-bench build
	Scripts/build-static.sh >/dev/null
	@status=0; export CORRPARSE=.build/release/corrparse; \
	Scripts/with-postgres.sh Benchmarks/bench.py --corrparse $$CORRPARSE --static .build/static/release/corrparse || status=1; \
	Benchmarks/plot.py .build/bench/results.json .build/bench/bars.svg || status=1; \
	Benchmarks/instructions.py --corrparse $$CORRPARSE || status=1; \
	Scripts/with-postgres.sh Benchmarks/panels.py --verdicts 10000000 --limit 300 || status=1; \
	Benchmarks/buckets.py || status=1; \
	Scripts/with-postgres.sh Benchmarks/listing.py || status=1; \
	exit $$status

# Time and memory of pathological logs (docs/reliability.md); smaller ones are in `make test`.
long-bounds: dependencies-test build
	@Tests/Bounds/bounds.py --corrparse .build/release/corrparse --long

long-bucket-speed: dependencies-python build
	@Benchmarks/buckets.py
	@Scripts/with-postgres.sh Benchmarks/listing.py

long-buckets: dependencies-python
	swift build --product corrparse
	CORRPARSE_LONG=1 Scripts/object-store-tests.sh

# A real S3 server from Debian's packages, below .build/ceph; nothing is installed.
long-ceph: dependencies-python
	swift build --product corrparse
	Scripts/object-store-tests.sh test_ceph

# Every byte of every sample's archive (docs/reliability.md); a part of it is in `make test`.
long-cuts: dependencies-build
	swift build --build-tests
	CORRPARSE_EVERY_CUT=1 swift test --skip-build --disable-xctest --filter CutLogTests

# A line folded or chunked at each character, a foreign line, a word, a line lost or doubled (docs/reliability.md).
long-damage: dependencies-python build
	CORRPARSE_TEST_FOLDER=$$(test -w /dev/shm && echo /dev/shm) \
	  python3 Tests/Oracle/faults.py --corrparse .build/release/corrparse --share $(lastword $(subst /, ,$(SHARE))) --samples

# In a minimal Debian, as root.
long-dist: dist
	@python3 Tests/Dist/test_dist.py .build/dist

long-fuzz: dependencies-fuzz
	@Scripts/fuzz.sh run $(SECONDS) $(TARGETS)

# How often `make image` stops the program.
STOPS = 6
long-image: STOPS = $$(($(ROUNDS) * 10))
image long-image: dependencies-image
	image=$$(Scripts/build-image.sh) && \
	  Scripts/with-postgres.sh Scripts/cluster-tools.sh python3 Tests/Cluster/test_image.py --image "$$image" --rounds $(STOPS) && \
	  CORRPARSE=$$(Scripts/program-of-image.sh "$$image") python3 Tests/Operations/test_arguments.py

# Real servers of MLflow; what they answered once is in Tests/MLflow/recorded and tested by `make test`.
long-mlflow: dependencies-mlflow
	swift build --product corrparse
	for version in 2.8.1 3.17.2; do for test in test_mlflow test_beside_mlflow; do \
	  CORRPARSE=.build/debug/corrparse Scripts/with-postgres.sh Scripts/python-tools.sh Tests/MLflow/requirements-$$version.txt \
	    python3 Tests/MLflow/$$test.py -v || exit 1; \
	done; done

# More of the logs of which `make test` reads some (Tests/Oracle/READINGS.md).
long-oracle: dependencies-python
	swift build --product corrparse
	@Scripts/oracle.sh long

long-panels: dependencies-python build
	@CORRPARSE=.build/release/corrparse Scripts/with-postgres.sh Benchmarks/panels.py --verdicts $(VERDICTS)

# What a field, a code, an envelope and an output format take (CONTRIBUTING.md); of a clone of the last commit, below .build/changes.
long-patches: dependencies-test
	swift build --product corrparse
	@Scripts/changes.py --run $(TARGETS)

# The servers come from the Python package index, below .build/postgres.
long-postgres: dependencies-python
	swift build --build-tests
	Scripts/postgres-versions.sh

long-twin: dependencies-python
	swift build --build-tests
	CORRPARSE_TWIN_SCENARIOS=500 Scripts/with-postgres.sh swift test --skip-build --disable-xctest --filter SupervisionTwinTests

long-upkeep: dependencies-python build
	@CORRPARSE_TEST_POSTGRES_OPTIONS= Scripts/with-postgres.sh Benchmarks/upkeep.py --verdicts $(VERDICTS)

long-picture: dependencies-picture
	swift build --product corrparse
	Scripts/report-picture.sh

# The module for producers, with every Python that is there, with numpy 1 and 2, pandas and structlog, and in real Airflow.
long-producer: dependencies-python
	swift build --product corrparse
	Scripts/producer-tests.sh

long-soak: dependencies-soak build
	CORRPARSE=.build/release/corrparse python3 Tests/Operations/test_arguments.py
	python3 Tests/Faults/faults.py --corrparse .build/release/corrparse --rounds $(ROUNDS) --every-cut --share $(SHARE)
