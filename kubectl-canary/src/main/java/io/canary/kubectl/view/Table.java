// SPDX-License-Identifier: Apache-2.0
package io.canary.kubectl.view;

import io.canary.domain.app.Names;
import java.util.ArrayList;
import java.util.List;

/// Columns as kubectl prints them: three blanks between, no ruling, the last as long as it is.
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... head) {
        rows.add(List.of(head));
    }

    public void add(String... cells) {
        rows.add(List.of(cells).stream()
                .map(cell -> cell.isEmpty() ? "<none>" : Names.printable(cell))
                .toList());
    }

    public boolean isEmpty() {
        return rows.size() == 1;
    }

    public List<String> lines() {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        rows.forEach(row -> {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            boolean last = i == row.size() - 1;
            line.append(last ? row.get(i) : ("%-" + (widths[i] + 3) + "s").formatted(row.get(i)));
        }
        return line.toString().stripTrailing();
    }
}
