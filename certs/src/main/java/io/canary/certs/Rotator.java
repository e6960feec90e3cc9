// SPDX-License-Identifier: Apache-2.0
package io.canary.certs;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Brings the stored certificates up to date: founds what is missing, renews what is due, takes out what has
/// ended. Any process may do it at any time: each step is one write that whoever comes second does not make.
public final class Rotator {
    private static final int STEPS = 12;

    private final SecretFiles serving;
    private final SecretFiles authorities;
    private final ServiceIdentity identity;
    private final Lifetimes lifetimes;
    private final CertificateAuthority issuer;
    private final InstantSource clock;

    /// @param serving the Secret that every process reads
    /// @param authorities the Secret with the keys that sign
    /// @param clock the one on the wall: it tells when certificates end, also to who was suspended
    public Rotator(
            SecretFiles serving,
            SecretFiles authorities,
            ServiceIdentity identity,
            Lifetimes lifetimes,
            CertificateAuthority issuer,
            InstantSource clock) {
        this.serving = serving;
        this.authorities = authorities;
        this.identity = identity;
        this.lifetimes = lifetimes;
        this.issuer = issuer;
        this.clock = clock;
    }

    /// The credentials that are stored, up to date.
    ///
    /// @param proven whether all clients are known to trust an authority
    /// @throws IllegalArgumentException if somebody else keeps the Secret and it cannot be used
    public Credentials refresh(Predicate<X509Certificate> proven) {
        Instant now = clock.instant();
        for (int step = 0; step < STEPS; step++) {
            SecretFiles.Content content = serving.load().orElse(null);
            if (content != null && content.foreign()) {
                return Credentials.decode(content.files()).requireName(identity.dnsName());
            }
            Stock stock = content == null ? Stock.NOTHING : Stock.of(content.files());
            Optional<Credentials> settled = switch (RotationDecision.at(now, lifetimes, stock)) {
                case RotationDecision.Keep _ -> Optional.ofNullable(stock.credentials());
                case RotationDecision.Found _ -> found(now, content);
                case RotationDecision.AddAuthority(var life) -> add(now, content, stock, life);
                case RotationDecision.RenewLeaf _ -> renew(now, content, stock, proven);
                case RotationDecision.DropAuthorities(var ended) -> drop(now, content, stock, ended);
            };
            if (settled.isPresent()) {
                return settled.get();
            }
        }
        throw new IllegalStateException("the Secret of the serving certificate changes without end");
    }

    /// What to serve with: what is stored, unless clients may not trust it yet while they trust what is
    /// served, which they do until [Credentials#over].
    ///
    /// @param current what is served
    /// @param proven whether all clients are known to trust an authority
    public Credentials serve(Credentials current, Credentials stored, Predicate<X509Certificate> proven) {
        boolean same = stored.chain().equals(current.chain());
        boolean over = !clock.instant().isBefore(current.over());
        return same || over || proven.test(stored.issuer()) ? stored : current;
    }

    private Optional<Credentials> found(Instant now, SecretFiles.@Nullable Content content) {
        SecretFiles.Content keys = authorities.load().orElse(null);
        AuthorityFiles present = AuthorityFiles.of(keys).withoutEnded(now);
        if (present.authorities().isEmpty()) {
            authorities.store(
                    keys,
                    present.with(issuer.found(now, lifetimes.authority()))
                            .with(issuer.found(now, lifetimes.authority().dividedBy(2)))
                            .files());
            return Optional.empty(); // whoever was faster: theirs count
        }
        List<X509Certificate> trusted =
                present.authorities().stream().map(Authority::certificate).toList();
        serving.store(
                content,
                issuer.issue(Signing.longest(present.authorities()), trusted, now)
                        .encode());
        return Optional.empty();
    }

    /// First its key is stored, then everybody is told to trust it: what a crash left between the two is taken up.
    private Optional<Credentials> add(Instant now, SecretFiles.@Nullable Content content, Stock stock, Duration life) {
        SecretFiles.Content keys = authorities.load().orElse(null);
        AuthorityFiles present = AuthorityFiles.of(keys);
        List<X509Certificate> waiting = present.authorities().stream()
                .filter(one -> now.isBefore(one.end().minus(lifetimes.notice())))
                .map(Authority::certificate)
                .filter(one -> !stock.trusted().contains(one))
                .toList();
        if (waiting.isEmpty()) {
            authorities.store(keys, present.with(issuer.found(now, life)).files());
        } else {
            trust(content, stock, Stream.concat(stock.trusted().stream(), waiting.stream()));
        }
        return Optional.empty();
    }

    private Optional<Credentials> renew(
            Instant now, SecretFiles.@Nullable Content content, Stock stock, Predicate<X509Certificate> proven) {
        return switch (Signing.of(
                now, AuthorityFiles.of(authorities.load().orElse(null)).authorities(), stock, proven)) {
            case Signing.By(Authority signer) -> {
                serving.store(
                        content, issuer.issue(signer, stock.trusted(), now).encode());
                yield Optional.empty();
            }
            case Signing.Later _ -> Optional.ofNullable(stock.credentials());
            case Signing.Nobody _ -> add(now, content, stock, lifetimes.authority());
        };
    }

    private Optional<Credentials> drop(
            Instant now, SecretFiles.@Nullable Content content, Stock stock, List<X509Certificate> ended) {
        trust(content, stock, stock.trusted().stream().filter(one -> !ended.contains(one)));
        SecretFiles.Content keys = authorities.load().orElse(null);
        if (keys != null) {
            authorities.store(
                    keys, new AuthorityFiles(keys.files()).withoutEnded(now).files());
        }
        return Optional.empty();
    }

    private void trust(SecretFiles.@Nullable Content content, Stock stock, Stream<X509Certificate> all) {
        Set<X509Certificate> trusted = new LinkedHashSet<>(all.toList());
        Credentials credentials = stock.credentials();
        if (credentials != null && content != null) {
            serving.store(content, credentials.trusting(trusted).encode());
        } else if (content != null) {
            Map<String, byte[]> files = new HashMap<>(content.files());
            files.put(Credentials.AUTHORITIES_FILE, Pem.encode(List.copyOf(trusted)));
            serving.store(content, files);
        }
    }
}
