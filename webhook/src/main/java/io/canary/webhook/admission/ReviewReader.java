// SPDX-License-Identifier: Apache-2.0
package io.canary.webhook.admission;

import io.canary.domain.app.Names;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Reads one strict JSON document in UTF-8 into a tree of the parts that are wanted: no duplicate keys, no second
/// document, bounded depth, numbers and number of values (admission.md section 2).
final class ReviewReader {
    private static final int MOST_NODES = 50_000;
    private static final JsonFactory STRICT = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(200)
                    .maxNumberLength(100)
                    .maxNameLength(10_000)
                    .maxStringLength(4 << 20)
                    .build())
            .build();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JsonParser parser;
    private int nodes;
    private @Nullable TextHash hash; // of the pod template that is being read

    private ReviewReader(JsonParser parser) {
        this.parser = parser;
    }

    /// The tree, cut to `shape`.
    ///
    /// @throws NotJson if `body` is anything but one such document
    static JsonNode read(byte[] body, ReviewShape shape) throws NotJson {
        // UTF-16 and UTF-32 show by a zero among the first four bytes, which Jackson would decode.
        for (int i = 0; i < Math.min(4, body.length); i++) {
            if (body[i] == 0) {
                throw new NotJson("the body is not UTF-8");
            }
        }
        if (body.length > 0 && body[0] == (byte) 0xef) {
            throw new NotJson("the body starts with a byte order mark");
        }
        try (JsonParser parser = STRICT.createParser(ObjectReadContext.empty(), body)) {
            ReviewReader reader = new ReviewReader(parser);
            if (parser.nextToken() == null) {
                throw new NotJson("the body is empty");
            }
            JsonNode tree = reader.value(shape);
            if (parser.nextToken() != null) {
                throw new NotJson("the body holds more than one document");
            }
            return tree;
        } catch (JacksonException e) {
            throw new NotJson("the body is not strict JSON: " + firstLine(e.getOriginalMessage()));
        }
    }

    private JsonNode value(ReviewShape shape) throws NotJson {
        if (++nodes > MOST_NODES) {
            throw new NotJson("the body holds too many values");
        }
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> object(shape);
            case START_ARRAY -> array(shape);
            case VALUE_STRING -> NODES.stringNode(parser.getString());
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT -> NODES.numberNode(parser.getIntValue());
                    case LONG -> NODES.numberNode(parser.getLongValue());
                    case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> NODES.numberNode(parser.getBigIntegerValue());
                };
            case VALUE_NUMBER_FLOAT -> NODES.numberNode(finite(parser.getDoubleValue()));
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case END_OBJECT, END_ARRAY, PROPERTY_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                throw new NotJson("the body is not strict JSON");
        };
    }

    /// Go, and so the API server, reads no number that is too large either.
    private static double finite(double number) throws NotJson {
        if (!Double.isFinite(number)) {
            throw new NotJson("the body holds a number that is too large");
        }
        return number;
    }

    private ObjectNode object(ReviewShape shape) throws NotJson {
        ObjectNode node = NODES.objectNode();
        while (next() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            next();
            ReviewShape field = shape.field(name);
            if (field == null) {
                skip();
            } else if (field.hashed()) {
                TextHash of = new TextHash();
                hash = of;
                node.set(name, value(field));
                hash = null;
                node.put(ReviewShape.hashOf(name), of.text());
            } else if (apart(field)) {
                TextHash of = hash;
                hash = null;
                node.set(name, value(field));
                hash = of;
            } else {
                node.set(name, value(field));
            }
        }
        return node;
    }

    @SuppressWarnings("ReferenceEquality") // of several shapes of maps of texts this one is meant
    private static boolean apart(ReviewShape field) {
        return field == ReviewShape.LABELS;
    }

    private ArrayNode array(ReviewShape shape) throws NotJson {
        ArrayNode node = NODES.arrayNode();
        while (next() != JsonToken.END_ARRAY) {
            node.add(value(shape));
        }
        return node;
    }

    private @Nullable JsonToken next() {
        JsonToken token = parser.nextToken();
        TextHash of = hash;
        if (of != null && token != null) {
            of.add(token.isStructStart() || token.isStructEnd() ? token.asString() : parser.getString());
        }
        return token;
    }

    private void skip() {
        if (hash == null) {
            parser.skipChildren();
            return;
        }
        int depth = parser.currentToken().isStructStart() ? 1 : 0;
        while (depth > 0) {
            JsonToken token = next();
            depth += token == null || token.isStructEnd() ? -1 : token.isStructStart() ? 1 : 0;
        }
    }

    private static String firstLine(@Nullable String message) {
        // It quotes what came: nothing of that reaches a terminal as it is (admission.md T23).
        String line = Names.printable(
                message == null ? "" : message.lines().findFirst().orElse(""));
        return line.length() > 200 ? line.substring(0, 200) : line;
    }

    /// Why a body cannot be read.
    static final class NotJson extends Exception {
        private static final long serialVersionUID = 1;

        NotJson(String message) {
            super(message, null, false, false);
        }
    }
}
