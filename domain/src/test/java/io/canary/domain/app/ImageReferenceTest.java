// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageReferenceTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "order,                               order,                       '',     ''",
        "order:2.4.0,                         order,                       2.4.0,  ''",
        "order@sha256:aa,                     order,                       '',     sha256:aa",
        "order:2.4.0@sha256:aa,               order,                       2.4.0,  sha256:aa",
        "localhost:5000/order,                localhost:5000/order,        '',     ''",
        "localhost:5000/order:2.4.0,          localhost:5000/order,        2.4.0,  ''",
        "localhost:5000/order@sha256:aa,      localhost:5000/order,        '',     sha256:aa",
        "[::1]:5000/order,                    [::1]:5000/order,            '',     ''",
        "ghcr.io/shop/order:latest,           ghcr.io/shop/order,          latest, ''",
        "Shop/ORDER:V2,                       Shop/ORDER,                  V2,     ''",
        "order:,                              order,                       '',     ''",
        "order@,                              order,                       '',     ''",
        "'',                                  '',                          '',     ''",
        ":,                                   '',                          '',     ''",
        "@:/,                                 '',                          '',     ':/'",
        "order:2@sha256:aa@sha256:bb,         order,                       2,      sha256:aa@sha256:bb",
    })
    void isReadInItsParts(String image, String name, String tag, String digest) {
        assertThat(ImageReference.of(image)).isEqualTo(new ImageReference(name, tag, digest));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "order,                         true,  false",
        "localhost:5000/order,          true,  false",
        "order:,                        true,  false",
        "order:2.4.0,                   false, false",
        "order@sha256:aa,               false, false",
        "order:latest,                  false, true",
        "order:latest-2,                false, false",
        "latest,                        true,  false",
        "order:latest@sha256:aa,        false, false",
        "'',                            false, false",
    })
    void whatMayMoveIsKnown(String image, boolean untagged, boolean moves) {
        assertThat(ImageReference.of(image).untagged()).isEqualTo(untagged);
        assertThat(ImageReference.of(image).moves()).isEqualTo(moves);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "order:1@sha256:aa, order:1@sha256:bb,               true",
        "order:1@sha256:aa, order:1@sha256:aa,               false",
        "order:1@sha256:aa, order:2@sha256:bb,               false",
        "order:1@sha256:aa, shop/order:1@sha256:bb,          false",
        "order:1@sha256:aa, order:1,                         false",
        "order:1,           order:1@sha256:aa,               false",
        "order@sha256:aa,   order@sha256:bb,                 false",
    })
    void oneTagForTwoBuildsContradicts(String one, String other, boolean contradicts) {
        assertThat(ImageReference.of(one).contradicts(ImageReference.of(other))).isEqualTo(contradicts);
    }

    @Test
    void oneDeploymentCannotMakeUsKeepALot() {
        assertThat(ImageReference.kept(Collections.nCopies(10_000, "order:1@sha256:aa")))
                .hasSize(32);
    }
}
