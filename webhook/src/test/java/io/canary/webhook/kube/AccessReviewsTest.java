// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.canary.domain.admission.Change;
import io.canary.domain.policy.Right;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class AccessReviewsTest {
    private static final Change.Requester ALICE = new Change.Requester("alice", "", List.of(), false);
    private static final Right CREATE = new Right("", "services", "", "create", "shop", "");
    private static final Right SCALE = new Right("apps", "deployments", "scale", "patch", "shop", "order-v1");
    private static final Map<?, ?> YES = Map.of("status", Map.of("allowed", true));
    private static final Map<?, ?> NO = Map.of("status", Map.of("allowed", false));

    private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

    @Test
    void whoMayNotDoItToAllIsAskedAboutOne() {
        AccessReviews reviews = reviews(Duration.ofSeconds(10), name -> name.isEmpty() ? NO : YES);

        assertThat(reviews.of(ALICE, Set.of(CREATE, SCALE))).isEqualTo(Map.of(CREATE, false, SCALE, true));
        assertThat(reviews.of(ALICE, Set.of(SCALE))).isEqualTo(Map.of(SCALE, true));
        assertThat(asked).as("create, scale of all, scale of one").hasSize(3);
    }

    /// The client asks again, and finds what came meanwhile.
    @Test
    void anAnswerThatCameTooLateIsForTheNextTime() throws InterruptedException {
        CountDownLatch late = new CountDownLatch(1);
        AccessReviews reviews = reviews(Duration.ofMillis(100), _ -> {
            await(late);
            return YES;
        });

        assertThat(reviews.of(ALICE, Set.of(CREATE))).isEmpty();
        late.countDown();
        Map<Right, Boolean> known = reviews.of(ALICE, Set.of(CREATE));
        while (known.isEmpty()) {
            known = reviews.of(ALICE, Set.of(CREATE));
        }
        assertThat(known).isEqualTo(Map.of(CREATE, true));
        assertThat(asked).hasSize(1);
    }

    @Test
    void whatCouldNotBeAskedIsAskedAnew() {
        CountDownLatch broken = new CountDownLatch(2);
        AccessReviews reviews = reviews(Duration.ofSeconds(10), _ -> {
            broken.countDown();
            if (broken.getCount() > 0) {
                throw new IllegalStateException("<html>502</html>");
            }
            return YES;
        });

        assertThat(reviews.of(ALICE, Set.of(SCALE)))
                .as("and not about one, too")
                .isEmpty();
        assertThat(asked).hasSize(1);
        assertThat(reviews.of(ALICE, Set.of(SCALE))).isEqualTo(Map.of(SCALE, true));
    }

    /// @param answers by the name that is asked about; empty for all
    private AccessReviews reviews(Duration patience, Function<String, Map<?, ?>> answers) {
        return new AccessReviews(
                review -> {
                    Map<?, ?> spec = (Map<?, ?>) review.get("spec");
                    Map<?, ?> attributes = (Map<?, ?>) (spec == null ? Map.of() : spec).get("resourceAttributes");
                    String name = attributes == null ? "" : String.valueOf(attributes.get("name"));
                    asked.add(name);
                    return answers.apply(name);
                },
                patience,
                InstantSource.system());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
