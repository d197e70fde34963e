package io.farpool.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrimesTest {
    @ParameterizedTest
    @ValueSource(longs = {1_000_003, 1_000_033, 1_000_037, 1_000_039, 1_000_081, 2_147_483_647, 999_999_999_989L})
    void findsPrimesPrime(long prime) {
        assertThat(Primes.isPrime(prime)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -7, 0, 1, 4, 25, 1_000_001, 999_998_000_001L, Long.MAX_VALUE})
    void findsOtherNumbersNotPrime(long other) {
        assertThat(Primes.isPrime(other)).isFalse();
    }

    @Test
    void agreesWithTheJdkOnSmallNumbers() {
        assertThat(LongStream.range(0, 20_000).filter(Primes::isPrime).boxed())
                .containsExactlyElementsOf(LongStream.range(0, 20_000)
                        .filter(n -> BigInteger.valueOf(n).isProbablePrime(50))
                        .boxed()
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({"1000000, 78498", "2000000, 148933", "3000000, 216816", "4000000, 283146"})
    void countsThePrimesBelowALimit(int limit, int count) {
        assertThat(Primes.countBelow(limit)).isEqualTo(count);
    }

    @ParameterizedTest
    @CsvSource({"-5, 0", "0, 0", "2, 0", "3, 1", "4, 2", "5, 2", "6, 3", "30, 10"})
    void doesNotCountTheLimitItself(int limit, int count) {
        assertThat(Primes.countBelow(limit)).isEqualTo(count);
    }
}
