package io.farpool.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farpool.bench.harness.Machine;
import io.farpool.bench.harness.Results;
import io.farpool.bench.harness.Statistics;
import io.farpool.bench.harness.Workloads;
import io.farpool.bench.system.Kind;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ReportTest {
    @Test
    void aTableHasItsHeadingsAndRows() {
        MarkdownTable table = new MarkdownTable(List.of("a", "b"));
        table.row(List.of("1", "x|y"));
        assertThat(table.text()).isEqualTo("| a | b |\n| --- | --- |\n| 1 | x\\|y |\n");
        assertThatThrownBy(() -> table.row(List.of("1"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void figuresHaveThreeDigitsThatCount() {
        assertThat(Figures.of(1_234_567)).isEqualTo("1,230,000");
        assertThat(Figures.of(123.4)).isEqualTo("123");
        assertThat(Figures.of(12.34)).isEqualTo("12.3");
        assertThat(Figures.of(1.234)).isEqualTo("1.23");
        assertThat(Figures.of(0.1234)).isEqualTo("0.123");
    }

    @Test
    void onlyTheNamedPartOfADocumentIsReplaced() throws IOException {
        String document = "before\n<!-- bench:a -->\nold\n<!-- /bench:a -->\nafter\n";
        assertThat(Section.replaced(document, "a", "new\n"))
                .isEqualTo("before\n<!-- bench:a -->\nnew\n<!-- /bench:a -->\nafter\n");
        assertThatThrownBy(() -> Section.replaced(document, "b", "new")).isInstanceOf(IOException.class);
    }

    @Test
    void resultsAreJson() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("text", "a \"b\"\n");
        value.put("numbers", List.of(1.5, Double.NaN));
        value.put("none", Map.of());
        assertThat(Json.write(value))
                .isEqualTo("{\n  \"text\": \"a \\\"b\\\"\\u000a\",\n  \"numbers\": [1.5, null],\n  \"none\": {}\n}\n");
    }

    @Test
    void messagesDoNotNameThisMachinesPaths() {
        assertThat(MachineText.withoutPaths("cannot read /home/me/x.jar: 3/4 done"))
                .isEqualTo("cannot read …: 3/4 done");
    }

    @Test
    void aBusyMachineIsSaidToBeBusy() {
        assertThat(MachineText.of(machine("0.40 3.00 5.00"), "2.0 2.0 2.0")).doesNotContain("busy");
        assertThat(MachineText.of(machine("4.00 1.00 0.00"), "2.0 2.0 2.0")).contains("The machine was busy");
    }

    private static Machine machine(String loadBefore) {
        return new Machine(2, "a processor", 24, "Linux 6.1", "a JDK", "a Python", "now", loadBefore);
    }

    @Test
    void aGoalIsMetByTheMedianOfTheRatios() {
        Goal goal = Goal.all().get(0);
        Results results = new Results();
        assertThat(goal.seen(results)).isNull();
        for (double rate : List.of(600.0, 500.0, 100.0)) {
            results.add(Workloads.THROUGHPUT, Kind.FARPOOL_CLUSTER, Map.of("tasks_per_s", rate));
            results.add(Workloads.THROUGHPUT, Kind.IGNITE, Map.of("tasks_per_s", 100.0));
        }
        Statistics seen = goal.seen(results);
        assertThat(seen).isEqualTo(new Statistics(5, 1, 6, 3));
        assertThat(goal.met(seen)).isTrue();
        assertThat(goal.met(new Statistics(4.9, 1, 6, 3))).isFalse();
    }

    @Test
    void aChartIsAPictureWithABarForEachValueLongerForMore() throws Exception {
        List<BarChart.Bar> bars = new ArrayList<>();
        bars.add(new BarChart.Bar("small & slow", 10, 9, 12, false));
        bars.add(new BarChart.Bar("large", 1_000, 900, 1_100, true));
        String svg = BarChart.svg("a < b", List.of(new BarChart.Group("rates", bars)));
        Document document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        // The first is the background.
        var rectangles = document.getElementsByTagName("rect");
        assertThat(rectangles.getLength()).isEqualTo(3);
        double small = Double.parseDouble(
                rectangles.item(1).getAttributes().getNamedItem("width").getNodeValue());
        double large = Double.parseDouble(
                rectangles.item(2).getAttributes().getNamedItem("width").getNodeValue());
        assertThat(small).isPositive().isLessThan(large);
    }
}
