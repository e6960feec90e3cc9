// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.cluster;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;

/// JSON as trees of Map, List, String, Number, Boolean and null, in the order in which it came.
public final class Json {
    private static final JsonFactory FACTORY =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    private Json() {}

    /// A text was expected to be JSON and is not.
    public static final class NotJsonException extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotJsonException(@Nullable String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /// The value that `text` begins with.
    ///
    /// @throws NotJsonException when it begins with none
    public static @Nullable Object read(String text) {
        return read(text, false);
    }

    /// The value that `text` is, and nothing after it.
    ///
    /// @throws NotJsonException where anything follows
    public static @Nullable Object document(String text) {
        return read(text, true);
    }

    private static @Nullable Object read(String text, boolean whole) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new NotJsonException("it is empty", null);
            }
            Object value = value(parser, first);
            if (whole && parser.nextToken() != null) {
                throw new NotJsonException("it goes on after its end", null);
            }
            return value;
        } catch (JacksonException e) {
            throw new NotJsonException(e.getOriginalMessage(), e);
        }
    }

    /// Each of several values one after another, as a watch prints them, as soon as it is complete.
    public static void each(java.io.InputStream in, Consumer<Object> consumer) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), in)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                Object value = value(parser, token);
                if (value != null) {
                    consumer.accept(value);
                }
            }
        } catch (JacksonException | NotJsonException e) {
            // The stream was closed in the middle of a value, as at the end of a watch.
        }
    }

    private static @Nullable Object value(JsonParser parser, JsonToken token) {
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> number(parser);
            case VALUE_NUMBER_FLOAT -> (Object) parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private static Object number(JsonParser parser) {
        long number = parser.getLongValue();
        return number == (int) number ? (Object) (int) number : (Object) number;
    }

    private static Map<String, @Nullable Object> object(JsonParser parser) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_OBJECT; token = parser.nextToken()) {
            if (token == null) {
                throw new NotJsonException("it ends in the middle of an object", null);
            }
            String name = parser.currentName();
            object.put(name, value(parser, parser.nextToken()));
        }
        return object;
    }

    private static List<@Nullable Object> array(JsonParser parser) {
        List<@Nullable Object> array = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (token == null) {
                throw new NotJsonException("it ends in the middle of an array", null);
            }
            array.add(value(parser, token));
        }
        return array;
    }

    /// On one line.
    public static String line(@Nullable Object tree) {
        return write(tree, ObjectWriteContext.empty());
    }

    /// Indented by two blanks.
    public static String pretty(@Nullable Object tree) {
        return write(tree, new Pretty());
    }

    private static String write(@Nullable Object tree, ObjectWriteContext context) {
        java.io.StringWriter out = new java.io.StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(context, out)) {
            write(tree, generator);
        }
        return out.toString();
    }

    private static void write(@Nullable Object tree, JsonGenerator out) {
        switch (tree) {
            case null -> out.writeNull();
            case Map<?, ?> map -> {
                out.writeStartObject();
                map.forEach((name, value) -> {
                    out.writeName(String.valueOf(name));
                    write(value, out);
                });
                out.writeEndObject();
            }
            case List<?> list -> {
                out.writeStartArray();
                list.forEach(value -> write(value, out));
                out.writeEndArray();
            }
            case Integer number -> out.writeNumber(number);
            case Long number -> out.writeNumber(number);
            case Number number -> out.writeNumber(number.doubleValue());
            case Boolean flag -> out.writeBoolean(flag);
            default -> out.writeString(tree.toString());
        }
    }

    private static final class Pretty extends ObjectWriteContext.Base {
        // As kubectl prints it.
        private static final DefaultPrettyPrinter PRINTER = new DefaultPrettyPrinter()
                .withSeparators(Separators.createDefaultInstance().withObjectNameValueSpacing(Separators.Spacing.AFTER))
                .withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);

        @Override
        public tools.jackson.core.PrettyPrinter getPrettyPrinter() {
            return PRINTER.createInstance();
        }

        @Override
        public boolean hasPrettyPrinter() {
            return true;
        }
    }
}
