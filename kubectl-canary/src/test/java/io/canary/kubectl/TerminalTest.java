// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Terminal terminal(Map<String, String> environment) {
        return terminal(environment, out);
    }

    private static Terminal terminal(Map<String, String> environment, OutputStream out) {
        return new Terminal(
                InputStream.nullInputStream(),
                out,
                OutputStream.nullOutputStream(),
                environment,
                InstantSource.fixed(Instant.EPOCH));
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void dataIsUtf8WhateverTheLocaleSays() {
        terminal(Map.of("LC_ALL", "C")).pass("{\"reason\":\"zu langsam \u00fc \u2192\"}\n");
        assertThat(printed()).isEqualTo("{\"reason\":\"zu langsam \u00fc \u2192\"}\n");
    }

    @Test
    void linesForPeopleAreAsciiWhereTheLocaleIs() {
        terminal(Map.of("LC_ALL", "C")).print("1 \u2192 2 \u2026");
        assertThat(printed()).isEqualTo("1 -> 2 ...\n");
    }

    @Test
    void aRedrawIsNoHigherThanTheTerminal() {
        Terminal terminal = terminal(Map.of("LINES", "4", "LC_ALL", "C.UTF-8"));
        assertThat(terminal.redraw(0, List.of("a", "b", "c", "d", "e"))).isEqualTo(3);
        assertThat(printed()).isEqualTo("a\nb\n  ... 3 more lines\n");
        out.reset();
        assertThat(terminal.redraw(3, List.of("a", "b"))).isEqualTo(2);
        assertThat(printed()).isEqualTo("\033[3A\033[Ja\nb\n");
    }

    @Test
    void tellsThatNobodyReadsAnyMore() {
        Terminal terminal = terminal(Map.of(), new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        });
        assertThat(terminal.isRead()).isTrue();
        terminal.print("a");
        assertThat(terminal.isRead()).isFalse();
    }
}
