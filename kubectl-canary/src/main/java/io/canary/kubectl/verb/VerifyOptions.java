// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.verb;

import io.canary.domain.app.Names;
import io.canary.domain.route.Reading;
import io.canary.domain.route.UserTerm;
import io.canary.domain.route.Users;
import io.canary.domain.verify.By;
import io.canary.kubectl.Session;
import io.canary.kubectl.cli.Arguments;
import io.canary.kubectl.http.Address;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What `verify` was given, read and checked.
///
/// @param requests 1 to 1000000
/// @param concurrency 1 to 1000
/// @param perSecond 0 is no limit
/// @param address null to find one
/// @param host empty where none was given
/// @param user null for anybody
/// @param path empty where none was given
record VerifyOptions(
        int requests,
        int concurrency,
        double perSecond,
        Duration timeout,
        @Nullable Address address,
        String host,
        @Nullable UserTerm user,
        String path,
        By by,
        boolean insecure) {
    private static final int MOST_REQUESTS = 1_000_000;
    private static final int MOST_AT_ONCE = 1_000;
    private static final int FASTEST = 100_000;
    private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,6}");
    private static final Pattern RATE = Pattern.compile("[0-9]{1,6}(\\.[0-9]{1,3})?");
    private static final Pattern HOST = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?");
    private static final Pattern PATH = Pattern.compile("/[!-~]*");

    /// What is wrong with one of them.
    private static final class WrongException extends Exception {
        private static final long serialVersionUID = 1;
        private final String hint;

        WrongException(String error, String hint) {
            super(error);
            this.hint = hint;
        }
    }

    /// Tells what is wrong where it is empty.
    static Optional<VerifyOptions> read(Session session) {
        try {
            return Optional.of(of(session.arguments()));
        } catch (WrongException e) {
            session.failed(String.valueOf(e.getMessage()), e.hint);
            return Optional.empty();
        }
    }

    private static VerifyOptions of(Arguments given) throws WrongException {
        Address address = given.given("address") ? value("address", Address.read(given.value("address"))) : null;
        if (address != null && !address.path().isEmpty() && given.given("path")) {
            throw new WrongException("--address has a path, and --path is given too", "leave one of them out");
        }
        return new VerifyOptions(
                count(given, "requests", MOST_REQUESTS),
                count(given, "concurrency", MOST_AT_ONCE),
                rate(given.value("rate")),
                Waiting.duration(given.value("timeout")).orElse(Duration.ZERO),
                address,
                matching(given, "host", HOST, "is no host: write order.shop.example"),
                given.given("user") ? user(given.value("user")) : null,
                given.given("path")
                        ? matching(given, "path", PATH, "is no path: it begins with /, without blanks")
                        : "",
                given.given("by") ? value("by", By.read(given.value("by"))) : new By.KnownHeaders(),
                given.on("insecure"));
    }

    private static int count(Arguments given, String flag, int most) throws WrongException {
        String text = given.value(flag);
        int count = COUNT.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (count < 1 || count > most) {
            throw new WrongException(
                    "--%s: %s is not a number from 1 to %d".formatted(flag, Names.quoted(text), most), "");
        }
        return count;
    }

    private static double rate(String text) throws WrongException {
        double rate = RATE.matcher(text).matches() ? Double.parseDouble(text) : FASTEST + 1;
        if (rate > FASTEST) {
            throw new WrongException(
                    "--rate: %s is not a number a second, at most %d".formatted(Names.quoted(text), FASTEST),
                    "--rate=0 is no limit");
        }
        return rate;
    }

    private static String matching(Arguments given, String flag, Pattern pattern, String wrong) throws WrongException {
        String text = given.value(flag);
        if (given.given(flag) && !pattern.matcher(text).matches()) {
            throw new WrongException("--%s: %s %s".formatted(flag, Names.quoted(text), wrong), "");
        }
        return text;
    }

    private static UserTerm user(String text) throws WrongException {
        Users users = switch (Users.read(text)) {
            case Reading.Value<Users>(Users read) -> read;
            case Reading.Wrong<Users>(String why, String _) ->
                throw new WrongException(
                        "--user: " + why,
                        "here it is a canary user, as --user=header:x-user-id=alice; a kubeconfig user goes by --context");
        };
        if (users.terms().size() != 1) {
            throw new WrongException("--user: it has several terms, and a request is sent as one", "name one of them");
        }
        return users.terms().getFirst();
    }

    private static <T> T value(String flag, Reading<T> reading) throws WrongException {
        return switch (reading) {
            case Reading.Value<T>(T value) -> value;
            case Reading.Wrong<T>(String why, String cure) -> throw new WrongException("--" + flag + ": " + why, cure);
        };
    }

    /// The headers that make a request one of the user's.
    Map<String, String> headers() {
        return switch (user) {
            case null -> Map.of();
            case UserTerm.Header(String name, String value) -> Map.of(name, value);
            case UserTerm.Cookie(String name, String value) -> Map.of("Cookie", name + "=" + value);
        };
    }

    /// From `/` on, by `--path` or the address.
    String fullPath() {
        String of = address == null ? "" : address.path();
        return !path.isEmpty() ? path : of.isEmpty() ? "/" : of;
    }
}
