// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `docs/plugin.md` holds the help of every verb as it is printed, and `docs/kubectl-canary.1` the manual page;
/// `CANARY_WRITE_GOLDEN=true` writes both anew.
class VerbsDocumentTest {
    private static final Path DOCUMENT = Path.of("../docs/plugin.md");
    private static final String MARK = "<!-- Below: the help of every verb, compared with the code by a test. -->";

    @Test
    void theDocumentIsTheHelp() throws IOException {
        String text = Files.readString(DOCUMENT);
        assertThat(text).contains(MARK);
        String head = text.substring(0, text.indexOf(MARK) + MARK.length());
        List<String> lines = new ArrayList<>(List.of(head, ""));
        lines.addAll(block("kubectl canary", HelpText.of(List.of())));
        for (Verb verb : Verb.values()) {
            lines.addAll(block("kubectl canary " + verb.words(), HelpText.of(List.of(verb))));
        }
        lines.addAll(block("kubectl canary options", HelpText.options()));
        assertHolds(DOCUMENT, lines);
    }

    @Test
    void theManualPageIsMadeFromTheVerbs() throws IOException {
        assertHolds(Path.of("../docs/kubectl-canary.1"), ManPage.lines());
    }

    private static void assertHolds(Path document, List<String> lines) throws IOException {
        String wanted = String.join("\n", lines).stripTrailing() + "\n";
        if ("true".equals(System.getenv("CANARY_WRITE_GOLDEN"))) {
            Files.writeString(document, wanted);
        }
        assertThat(Files.readString(document)).isEqualTo(wanted);
    }

    private static List<String> block(String title, List<String> help) {
        List<String> lines = new ArrayList<>(List.of("## " + title, "", "```"));
        lines.addAll(help);
        lines.addAll(List.of("```", ""));
        return lines;
    }
}
