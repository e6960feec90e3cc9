// SPDX-License-Identifier: Apache-2.0
/// Reads parsed JSON, as trees of Map, List, String, Number and Boolean, into the domain's records: what cluster and
/// plugin read alike.
@NullMarked
package io.canary.domain.json;

import org.jspecify.annotations.NullMarked;
