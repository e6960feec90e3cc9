// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnWordsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Error from server (NotFound): deployments.apps \"x\" not found\n",
                "error: context \"x\" does not exist\n",
                "Warning: paused\n",
                "Unable to connect to the server: dial tcp: refused\n",
                "E1124 10:00:00.000000       1 memcache.go:265] \"Unhandled Error\"\n",
                "The Deployment \"x\" is invalid: spec: wrong\n",
                "* spec: wrong\n"
            })
    void kubectlsOwnIsKeptBack(String line) {
        assertThat(new OwnWords().others(line)).isEmpty();
        OwnWords byPieces = new OwnWords();
        StringBuilder shown = new StringBuilder();
        line.chars().forEach(c -> shown.append(byPieces.others(Character.toString(c))));
        assertThat(shown.toString()).isEmpty();
    }

    @Test
    void othersAreSeenAtOnceEvenWithoutAnEndOfLine() {
        OwnWords words = new OwnWords();
        assertThat(words.others("Open https://login")).isEqualTo("Open https://login");
        assertThat(words.others(".example and enter ABC\nPassword: ")).isEqualTo(".example and enter ABC\nPassword: ");
        assertThat(words.others("\nerror: no\n")).isEqualTo("\n");
    }

    @Test
    void whatOnlyBeginsLikeKubectlsIsSeenWhenThatIsSure() {
        OwnWords words = new OwnWords();
        assertThat(words.others("The code ")).isEmpty();
        assertThat(words.others("is ABC\n")).isEqualTo("The code is ABC\n");
        assertThat(words.others("Ent")).isEqualTo("Ent");
    }
}
