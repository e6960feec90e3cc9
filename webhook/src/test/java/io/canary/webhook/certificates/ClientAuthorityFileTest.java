// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.canary.certs.CertificateAuthority;
import io.canary.certs.ClientAuthorities;
import io.canary.certs.Lifetimes;
import io.canary.certs.ServiceIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientAuthorityFileTest {
    private final List<ClientAuthorities> changes = new ArrayList<>();

    @TempDir
    Path folder = Path.of("");

    private Path file() {
        return folder.resolve("clients.pem");
    }

    private void write(byte[]... parts) throws IOException {
        Files.write(file(), new byte[0]);
        for (byte[] part : parts) {
            Files.write(file(), part, java.nio.file.StandardOpenOption.APPEND);
        }
    }

    private static byte[] authority() {
        CertificateAuthority authority =
                new CertificateAuthority(new ServiceIdentity("a", "b"), Lifetimes.DEFAULT, new SecureRandom());
        var founded = authority.found(Instant.now(), java.time.Duration.ofDays(1));
        return authority
                .issue(founded, List.of(founded.certificate()), Instant.now())
                .bundle();
    }

    @Test
    void aChangeIsToldOnce() throws IOException {
        byte[] first = authority();
        write(first);
        try (ClientAuthorityFile read = new ClientAuthorityFile(file(), changes::add)) {
            read.look();
            assertThat(changes).isEmpty();

            write(first, authority());
            read.look();
            read.look();
            assertThat(changes).hasSize(1).allMatch(now -> now.certificates().size() == 2);
            assertThat(read.current()).isEqualTo(changes.getFirst());
        }
    }

    @Test
    void whatCannotBeReadChangesNothing() throws IOException {
        write(authority());
        try (ClientAuthorityFile read = new ClientAuthorityFile(file(), changes::add)) {
            ClientAuthorities before = read.current();
            write();
            read.look();
            Files.delete(file());
            read.look();
            write(new byte[ClientAuthorities.MAX_BYTES + 1]);
            read.look();

            assertThat(changes).isEmpty();
            assertThat(read.current()).isEqualTo(before);
        }
    }

    @Test
    void whatCouldNotBeTakenOverIsTriedAgain() throws IOException {
        write(authority());
        try (ClientAuthorityFile read = new ClientAuthorityFile(file(), now -> {
            changes.add(now);
            if (changes.size() == 1) {
                throw new IllegalStateException("not now");
            }
        })) {
            write(authority());
            read.look();
            read.look();
            read.look();
            assertThat(changes).hasSize(2);
        }
    }

    @Test
    void aStartNeedsOneThatCanBeRead() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientAuthorityFile(file(), changes::add))
                .withMessageContaining("clients.pem cannot be read: NoSuchFile");
        write("no certificate".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientAuthorityFile(file(), changes::add))
                .withMessageContaining("clients.pem holds no");
    }
}
