package io.farpool.bench.harness;

import java.util.Arrays;
import java.util.List;

/**
 * What is told of several measurements of one thing.
 *
 * @param median the middle one; of an even number, the mean of the middle two
 * @param min the smallest
 * @param max the largest
 * @param count how many there were
 */
public record Statistics(double median, double min, double max, int count) {

    /** Of at least one value. */
    public static Statistics of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("there are no values, expected at least one");
        }
        double[] ascending =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = ascending.length / 2;
        double median = ascending.length % 2 == 1 ? ascending[middle] : (ascending[middle - 1] + ascending[middle]) / 2;
        return new Statistics(median, ascending[0], ascending[ascending.length - 1], ascending.length);
    }

    /** The value that so many per cent of the values do not exceed (nearest rank). The values ascend. */
    public static double percentile(double[] ascending, double percent) {
        if (ascending.length == 0) {
            throw new IllegalArgumentException("there are no values, expected at least one");
        }
        // Without the rounding, 99.9 % of 1,000 would be a little more than 999.
        int rank = (int) Math.ceil(Math.round(percent * ascending.length * 1e6) / 1e8);
        return ascending[Math.max(0, Math.min(ascending.length, rank) - 1)];
    }

    /** Of ratios that were computed side by side: the first value of one list by the first of the other, and so on. */
    public static Statistics ratios(List<Double> numerators, List<Double> denominators) {
        int pairs = Math.min(numerators.size(), denominators.size());
        double[] ratios = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            ratios[i] = numerators.get(i) / denominators.get(i);
        }
        return of(Arrays.stream(ratios).boxed().toList());
    }
}
