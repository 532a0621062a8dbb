# What to type. The work is done by Scripts/, which can be run alone as well.

# For `make test`: further arguments of the test runner, such as --filter GrammarTests.
TEST_FLAGS ?=
# For `make fuzz`: how long each target runs, and which; without names all of them.
SECONDS ?= 60
TARGETS ?=
# For `make bench-panels`: how many verdicts; 10000000 is the full run.
VERDICTS ?= 1000000
# For `make soak`: how many times the rounds of `make test`, and which part of the cuts at every byte.
ROUNDS ?= 10
SHARE ?= 1/1

.PHONY: help dependencies build demo test image airflow soak buckets dashboards bench bench-quick bench-panels bench-buckets report-picture fuzz cuts lint stop clean

help:
	@echo 'make demo    the whole way on real sample logs, into a private PostgreSQL, and the verdicts read back'
	@echo 'make test    every test, beside a throw-away PostgreSQL (TEST_FLAGS="--filter GrammarTests" for some)'
	@echo 'make image   the container program, static; its size, and ROUNDS=10 times ten SIGTERMs as process 1 of a container'
	@echo 'make airflow    the example DAG in real Airflow 2 and 3, which it installs below .build'
	@echo 'make soak    the fault tests at length: ROUNDS=10 times those of make test, a cut at every byte (hours; SHARE=1/16 for a part)'
	@echo 'make buckets the tests of object stores at length: 5,000 objects, every fault at every request'
	@echo 'make fuzz    every fuzz target for SECONDS=60 each (TARGETS="gzip json" for some); findings in Fuzz/Findings'
	@echo 'make dashboards    writes the files under grafana/ anew, with the codes and bounds of the program'
	@echo 'make bench   every bar of speed and memory, beside the programs to compare with, and all below at full size: over an hour, 20 GB of disk'
	@echo 'make bench-quick   the same with a tenth of the data: under five minutes'
	@echo 'make bench-panels  how long the queries of the dashboards take beside VERDICTS=1000000'
	@echo 'make bench-buckets logs from a bucket beside the same logs on disk; how long a bucket is listed'
	@echo 'make report-picture  draws docs/report.png anew, from a made-up year of data'
	@echo 'make cuts    the sample logs cut at every byte (where the sample logs are there); some minutes'
	@echo 'make lint    format, file length, migrations, Python, shell scripts'
	@echo 'make build   the optimised program: .build/release/corrparse'
	@echo 'make stop    stops the private PostgreSQL of the demo; its data stay'
	@echo 'make clean   stops it and deletes everything that was built or stored here'

dependencies:
	@Scripts/install-dependencies.sh

build: dependencies
	swift build -c release --product corrparse $$(Scripts/static-stdlib.sh)

demo: build
	@Scripts/demo.sh

test: dependencies
	@Scripts/test.sh $(TEST_FLAGS)

# The container's root folder, and its test at length. `podman build .` makes the same with the same script.
image: dependencies
	Scripts/build-static.sh >/dev/null
	CORRPARSE=.build/static/release/corrparse Scripts/with-postgres.sh Scripts/cluster-tools.sh \
	  python3 Tests/Cluster/test_image.py --static --rounds $$(($(ROUNDS) * 10))
	CORRPARSE=.build/static/release/corrparse python3 Tests/Operations/test_arguments.py

# The example DAG in real Airflow, 2 and 3; installing them takes some minutes the first time.
airflow: dependencies
	swift build --product corrparse
	Scripts/with-postgres.sh python3 Tests/Cluster/test_airflow.py 2
	Scripts/with-postgres.sh python3 Tests/Cluster/test_airflow.py 3

soak: build
	CORRPARSE=.build/release/corrparse python3 Tests/Operations/test_arguments.py
	python3 Tests/Faults/faults.py --corrparse .build/release/corrparse --rounds $(ROUNDS) --every-cut --share $(SHARE)

buckets: dependencies
	swift build --product corrparse
	CORRPARSE_LONG=1 Scripts/object-store-tests.sh

dashboards: dependencies
	swift build --product corrparse
	Scripts/with-postgres.sh grafana/generate.py --corrparse .build/debug/corrparse

# Every part runs, whatever bar another one missed.
bench: bench-build
	@status=0; export CORRPARSE=.build/release/corrparse; \
	Scripts/with-postgres.sh Benchmarks/bench.py --corrparse $$CORRPARSE --static .build/static/release/corrparse || status=1; \
	Benchmarks/plot.py .build/bench/results.json .build/bench/bars.svg || status=1; \
	Benchmarks/instructions.py --corrparse $$CORRPARSE || status=1; \
	Scripts/with-postgres.sh Benchmarks/panels.py --verdicts 10000000 --limit 300 || status=1; \
	Benchmarks/buckets.py || status=1; \
	Scripts/with-postgres.sh Benchmarks/listing.py || status=1; \
	exit $$status

bench-quick: bench-build
	Scripts/with-postgres.sh Benchmarks/bench.py --quick --corrparse .build/release/corrparse --static .build/static/release/corrparse
	Benchmarks/instructions.py --corrparse .build/release/corrparse

# Its server waits for the disk, as a real one does.
bench bench-quick: export CORRPARSE_TEST_POSTGRES_OPTIONS =

.PHONY: bench-build
bench-build: build
	@Scripts/install-dependencies.sh bench
	Scripts/build-static.sh >/dev/null

bench-panels: build
	@CORRPARSE=.build/release/corrparse Scripts/with-postgres.sh Benchmarks/panels.py --verdicts $(VERDICTS)

bench-buckets: build
	@Benchmarks/buckets.py
	@Scripts/with-postgres.sh Benchmarks/listing.py

report-picture: dependencies
	swift build --product corrparse
	Scripts/report-picture.sh

fuzz: dependencies
	@Scripts/fuzz.sh run $(SECONDS) $(TARGETS)

# Every byte of every sample's archive (docs/reliability.md); a part of it is in `make test`.
cuts: dependencies
	swift build --build-tests
	CORRPARSE_EVERY_CUT=1 swift test --skip-build --disable-xctest --filter CutLogTests

lint: dependencies
	@Scripts/lint.sh

stop:
	@Scripts/postgres.sh stop

clean:
	@Scripts/postgres.sh remove
	rm -rf .build .corrparse
