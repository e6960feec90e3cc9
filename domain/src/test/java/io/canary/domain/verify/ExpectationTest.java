// SPDX-License-Identifier: Apache-2.0
package io.canary.domain.verify;

import static io.canary.domain.app.TestReleases.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.app.App;
import io.canary.domain.app.NamespaceView;
import io.canary.domain.app.Release;
import io.canary.domain.app.TestDeployments;
import io.canary.domain.app.TestReleases;
import io.canary.domain.app.TestServices;
import io.canary.domain.route.UserTerm;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpectationTest {
    private static final UserTerm ALICE = new UserTerm.Header("X-User-Id", "alice");

    private static App app(TestDeployments... deployments) {
        return new NamespaceView(
                        "shop",
                        List.of(deployments).stream()
                                .map(TestDeployments::facts)
                                .toList(),
                        List.of(TestServices.order().facts()),
                        List.of(),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        List.of(),
                        Map.of())
                .app("order");
    }

    private static final App APP = app(
            TestDeployments.order("v1"),
            TestDeployments.order("v2")
                    .with("users", "header:x-user-id=alice, cookie:canary=always")
                    .with("hosts", "canary.shop.example"));
    private static final Release RELEASE = TestReleases.of("v1", 10, version("v1", 9000, 9), version("v2", 1000, 1));

    private static Release byPods(Release.VersionStatus... versions) {
        Release r = TestReleases.of("v1", 10, versions);
        return new Release(
                r.phase(),
                "",
                "v1",
                List.of(),
                10,
                Release.Mode.REPLICA,
                "no route",
                false,
                r.versions(),
                List.of(),
                0,
                List.of(),
                List.of(),
                List.of());
    }

    @Test
    void anybodyGetsWhatIsInForce() {
        Expectation expected = Expectation.of(APP, RELEASE, null, "order.shop.example");
        assertThat(expected.shares()).isEqualTo(Map.of("v1", 9000, "v2", 1000));
        assertThat(expected.basis()).isEqualTo(new Expectation.Basis.InForce());
        assertThat(expected.notes()).isEmpty();
    }

    @Test
    void withoutRoutesItIsTheShareOfPods() {
        Release.VersionStatus v1 = version("v1", 9000, 9);
        Release.VersionStatus less = new Release.VersionStatus(
                "v2", "order-v2", "uid", 1000, 1000, 1428, 1, 1, 1, "", null, false, null, Release.Standing.NONE);
        Expectation expected = Expectation.of(APP, byPods(v1, less), null, "");
        assertThat(expected.of("v2")).isEqualTo(1428);
        assertThat(expected.basis()).isEqualTo(new Expectation.Basis.ByPods());
        assertThat(expected.notes()).singleElement().asString().contains("traffic follows pods");
    }

    @Test
    void aCanaryUserGetsTheVersionThatListsIt() {
        Expectation expected = Expectation.of(APP, RELEASE, ALICE, "order.shop.example");
        assertThat(expected.shares()).isEqualTo(Map.of("v1", 0, "v2", 10000));
        assertThat(expected.basis()).isEqualTo(new Expectation.Basis.User("v2", ALICE));
        assertThat(Expectation.of(APP, RELEASE, new UserTerm.Cookie("canary", "always"), "")
                        .of("v2"))
                .isEqualTo(10000);
    }

    /// Names of headers are the same in any case, those of cookies and all values are not.
    @Test
    void anotherUserGetsTheShares() {
        for (UserTerm other : List.of(
                new UserTerm.Header("x-user-id", "Alice"),
                new UserTerm.Cookie("x-user-id", "alice"),
                new UserTerm.Cookie("Canary", "always"))) {
            Expectation expected = Expectation.of(APP, RELEASE, other, "");
            assertThat(expected.of("v2")).as(other.text()).isEqualTo(1000);
            assertThat(expected.notes()).containsExactly("no version lists " + other.text() + " in canary.io/users");
        }
    }

    @Test
    void usersOfAVersionWithoutPodsGetTheShares() {
        Release down = TestReleases.of("v1", 10, version("v1", 10000, 9), version("v2", 0, 0));
        assertThat(Expectation.of(APP, down, ALICE, "").of("v1")).isEqualTo(10000);
    }

    /// Also without pods, and for whatever user: the domain leads nowhere else.
    @Test
    void aCanaryDomainLeadsToItsVersion() {
        Release down = TestReleases.of("v1", 10, version("v1", 10000, 9), version("v2", 0, 0));
        Expectation expected = Expectation.of(APP, down, null, "Canary.shop.example:8080");
        assertThat(expected.of("v2")).isEqualTo(10000);
        assertThat(expected.basis()).isEqualTo(new Expectation.Basis.Domain("v2", "canary.shop.example"));
        assertThat(Expectation.of(APP, RELEASE, ALICE, "canary.shop.example").basis())
                .isInstanceOf(Expectation.Basis.Domain.class);
        assertThat(Expectation.of(APP, RELEASE, null, "x.canary.shop.example").basis())
                .isInstanceOf(Expectation.Basis.InForce.class);
    }
}
