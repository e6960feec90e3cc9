# SPDX-License-Identifier: Apache-2.0
# The commands that people know. Each sets up what is missing and says so; the first run takes about ten minutes.
.PHONY: demo test test-gateways test-chart chart fuzz faults bench build image sbom plugin install-plugin format clean

# Only a KUBECONFIG that is typed leads to a cluster of yours, never one that the shell exports.
ifeq ($(origin KUBECONFIG),command line)
demo: ## on your cluster: make demo KUBECONFIG=path [CONTEXT=name] [IMAGE=webhook's] [IMAGES=registry of bookinfo's] [YES=1]
	@INTERACTIVE="$(INTERACTIVE)" e2e/testbed demo --kubeconfig "$(KUBECONFIG)" $(if $(CONTEXT),--context "$(CONTEXT)") \
	  $(if $(IMAGE),--image "$(IMAGE)") $(if $(IMAGES),--images "$(IMAGES)") $(if $(YES),--yes)
else
demo: ## the story of one release on a real control plane; INTERACTIVE=1 leaves a shell instead
	@e2e/testbed prepare
	@INTERACTIVE="$(INTERACTIVE)" e2e/testbed demo
endif

test: ## unit tests, the tests on the real control plane, and half a minute of fuzzing
	@e2e/testbed prepare
	@CANARY_IT_REQUIRED=true ./mvnw -B -ntp verify
	@JAVA_HOME="$$(e2e/testbed jdk)" fuzz/run --blind 3

test-gateways: ## the stories at a Gateway with Contour and Envoy in Traefik's place; builds these first, about three minutes
	@e2e/testbed prepare --gateways
	@CANARY_IT_REQUIRED=true ./mvnw -B -ntp -Dquick -pl e2e -am -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dskip.parts -Dskip.stories -Dskip.gateways=false verify

fuzz: ## inputs that nobody thought of: SECONDS=60 for each target, or TARGETS="ReviewFuzz UsersFuzz"; keeps what it finds
	@./mvnw -B -ntp -q -Dquick -DskipTests -pl fuzz -am package
	@JAVA_HOME="$$(e2e/testbed jdk)" fuzz/run "$(or $(SECONDS),60)" $(TARGETS)

test-chart: ## the Helm chart against manifests/, installed, upgraded and uninstalled; builds Helm first, about three minutes
	@e2e/testbed prepare --helm
	@CANARY_IT_REQUIRED=true ./mvnw -B -ntp -Dquick -pl e2e -am -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dskip.parts -Dskip.stories -Dskip.chart=false verify

faults: ## three replicas, and one fault after another, under load where admission may notice: a table; about three quarters of an hour
	@e2e/testbed prepare
	@rm -f e2e/target/faults.md
	@CANARY_IT_REQUIRED=true ./mvnw -B -ntp -Dquick -pl e2e -am -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dskip.parts -Dskip.stories -Dskip.faults=false verify; status=$$?; cat e2e/target/faults.md; exit $$status

bench: ## what the product costs: tables, against the same cluster without it; about twenty-five minutes
	@e2e/testbed prepare
	@e2e/testbed bench

image: ## the webhook as an OCI archive, without Docker: webhook/target/canary-webhook-*.tar; AOT=1 starts sooner
	@./mvnw -B -ntp -q -Dquick -DskipTests -pl webhook -am package
	@JAVA_HOME="$$(e2e/testbed jdk)" webhook/image $(if $(AOT),--aot)

chart: ## the Helm chart as one file, its links resolved: charts/target/canary-*.tgz
	@e2e/testbed chart charts/target

sbom: ## what the programs are made of, as CycloneDX: target/bom.json
	@./mvnw -B -ntp -q -Dquick -pl .,domain,certs,webhook,kubectl-canary package -DskipTests cyclonedx:makeAggregateBom
	@ls -l target/bom.json | awk '{ print $$9 ": " $$5 " bytes" }'

plugin: ## kubectl canary, packaged: kubectl-canary/target/plugin and an archive for krew
	@./mvnw -B -ntp -q -Dquick -DskipTests -pl kubectl-canary -am package
	@JAVA_HOME="$$(e2e/testbed jdk)" kubectl-canary/package
	@ls -lh kubectl-canary/target/kubectl-canary-*.tar.gz | awk '{ print $$9 ": " $$5 }'

install-plugin: plugin ## puts it on PATH: BIN=/usr/local/bin, or ~/.local/bin where that cannot be written
	@kubectl-canary/install "$(BIN)"

build: ## compile and package, without tests
	@./mvnw -B -ntp -DskipTests package

format: ## put the code into the house's form
	@./mvnw -B -ntp -q spotless:apply

clean:
	@./mvnw -B -ntp -q clean
