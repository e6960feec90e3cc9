// SPDX-License-Identifier: Apache-2.0
package io.canary.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/// Every input that is kept, once more: those that were thought of and those that a run of `make fuzz` has
/// found.
@Timeout(60)
class SeedsTest {
    private static List<String> targets() throws Exception {
        try (Stream<Path> sources = Files.list(Path.of("src", "main", "java", "io", "canary", "fuzz"))) {
            return sources.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Fuzz.java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .sorted()
                    .toList();
        }
    }

    private static void run(String target, byte[] input) throws Throwable {
        Method method = Class.forName("io.canary.fuzz." + target).getMethod("fuzzerTestOneInput", byte[].class);
        try {
            method.invoke(null, (Object) input);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @TestFactory
    Stream<DynamicTest> eachSeedKeepsThePromises() throws Exception {
        return targets().stream()
                .flatMap(target -> Seeds.of(target).stream()
                        .map(seed -> DynamicTest.dynamicTest(
                                target + ": " + seed.getFileName(), () -> run(target, Seeds.read(seed)))));
    }

    @Test
    void eachTargetHasSeedsAndNoSeedsAreWithoutOne() throws Throwable {
        try (Stream<Path> folders = Files.list(Seeds.folder())) {
            assertThat(folders.map(folder -> folder.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(targets());
        }
        for (String target : targets()) {
            assertThat(Seeds.of(target)).as(target).isNotEmpty();
            run(target, new byte[0]);
        }
    }

    @Test
    void aBrokenPromiseIsTold() {
        assertThatThrownBy(() -> Promise.readable("a\u001b[31m")).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> Promise.kept(false, () -> "told")).hasMessage("told");
        assertThatThrownBy(() -> Patch.apply(
                        World.JSON.readTree("[{\"op\": \"test\", \"path\": \"/a\", \"value\": 1}]"),
                        World.JSON.readTree("{\"a\": 2}")))
                .isInstanceOf(AssertionError.class);
    }
}
