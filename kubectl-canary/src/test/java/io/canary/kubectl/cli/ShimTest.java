// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the shim offers for words that are typed, by the shell that runs it.
class ShimTest {
    @TempDir
    private Path folder;

    /// @param typed the words so far; the last one is unfinished, and empty after a blank
    private List<String> offered(String typed) throws IOException, InterruptedException {
        Path kubectl = folder.resolve("kubectl");
        Files.writeString(kubectl, "#!/bin/sh\nprintf 'order\\tCanary\\nshop\\tStable\\n'\n");
        assertThat(kubectl.toFile().setExecutable(true)).isTrue();
        Path shim = Files.write(folder.resolve("shim"), Shells.shim());
        List<String> line = new ArrayList<>(List.of("sh", shim.toString()));
        line.addAll(List.of(typed.split(" ", -1)));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().put("KUBECTL", kubectl.toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return said.lines().map(each -> each.split("\t", -1)[0]).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "pol|policy :4",
                "policy |list explain test report :4",
                "policy e|explain :4",
                "policy explain |order shop :4",
                "policy explain s|shop :4",
                "policy report --f|--fail-on= :4",
                "policy test --al|--allow= :0",
                "set |weight hosts users :4",
                "set weight o|order :4",
                "set weight --o|--override= :4",
                "set hosts order --ov|--override= :4",
                "status --ow|--owners :4",
                "promote --ov|--override= :4"
            })
    void offers(String typed, String words) throws IOException, InterruptedException {
        assertThat(offered(typed))
                .containsExactlyElementsOf(Stream.of(words.split(" ", -1)).toList());
    }
}
