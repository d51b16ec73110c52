# Values against which the tests of package stats are checked. Base R alone:
#
#   Rscript golden.R > golden.txt
#
# Data without ties go through wilcox.test itself. With ties or zeros wilcox.test leaves the exact distribution, so for those
# the Walsh averages are sorted and cut at qsignrank here, which is what the exact branch of wilcox.test does.
options(digits = 17)
cat("#", R.version.string, "\n")
line <- function(key, ...) cat(key, format(c(...), digits = 17, trim = TRUE), "\n")

cases <- list(
  n1 = c(0.25),
  n4 = c(0.31, -0.12, 0.07, 0.44),
  n5 = c(0.31, 0.12, 0.07, 0.44, 0.23),
  n6 = c(0.3, -0.1, 0.5, 0.21, 0.7, 0.05),
  n6far = c(1.19, 1.23, 1.28, 1.21, 1.25, 1.3),
  n9 = c(1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3) -
       c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29), # Hollander and Wolfe, depression scores
  n12 = c(0.062, 0.081, 0.043, 0.097, -0.012, 0.055, 0.12, 0.033, 0.071, 0.088, 0.019, 0.064),
  n25 = round(qnorm((1:25 - 0.4) / 25.3) * 0.07 + (1:25) %% 7 * 0.0113 + 0.021, 6),
  n60 = round(qlogis((1:60 - 0.4) / 60.3) * 0.02 + (1:60) %% 11 * 0.0031, 6),
  n6ties = c(0.1, 0.1, -0.1, 0.2, 0.2, 0.3),
  n9zeros = c(0, 0, 0.1, -0.2, 0.3, 0.4, 0.4, -0.1, 0.5),
  n12ties = c(1, 2, 2, 3, 3, 3, -1, -2, 4, 5, 5, 0) / 100,
  n25ties = rep(c(-0.02, 0.01, 0.03, 0.05, 0.05), 5)
)

signflip <- function(x) { # every pattern of signs
  s <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(x)))) %*% x
  mean(abs(s) >= abs(sum(x)) - 1e-9 * sum(abs(x)))
}

for (name in names(cases)) {
  x <- cases[[name]]
  n <- length(x)
  cat("case", name, "\n")
  line("x", x)
  for (level in c(0.90, 0.95, 0.99)) {
    w <- outer(x, x, `+`)
    w <- sort(w[!lower.tri(w)]) / 2
    k <- max(1, qsignrank((1 - level) / 2, n))
    reached <- 1 - 2 * psignrank(k - 1, n)
    if (anyDuplicated(abs(x)) == 0 && all(x != 0)) {
      t <- suppressWarnings(wilcox.test(x, conf.int = TRUE, exact = TRUE, conf.level = level))
      line(paste0("wilcox.", level), t$estimate, t$conf.int[1], t$conf.int[2], reached)
    } else {
      line(paste0("wilcox.", level), median(w), w[k], w[n * (n + 1) / 2 + 1 - k], reached)
    }
    s <- sort(x)
    k <- max(1, qbinom((1 - level) / 2, n, 0.5))
    line(paste0("median.", level), median(x), s[k], s[n + 1 - k], 1 - 2 * pbinom(k - 1, n, 0.5))
  }
  if (n <= 12) line("signflip", signflip(x))
  for (rope in c(0.05, 0.1)) { # two one-sided tests at the edges; with ties by counting, as above
    edge <- log1p(rope)
    w <- outer(x, x, `+`)[!lower.tri(diag(n))] / 2
    p <- psignrank(max(sum(w < -edge), sum(w > edge)), n)
    if (anyDuplicated(abs(x + edge)) == 0 && anyDuplicated(abs(x - edge)) == 0) {
      p <- max(wilcox.test(x, mu = -edge, alternative = "greater", exact = TRUE)$p.value,
               wilcox.test(x, mu = edge, alternative = "less", exact = TRUE)$p.value)
    }
    line(paste0("equivalence.", rope), p)
    p <- psignrank(sum(w > edge), n)
    if (anyDuplicated(abs(x - edge)) == 0) p <- wilcox.test(x, mu = edge, alternative = "less", exact = TRUE)$p.value
    line(paste0("below.", rope), p)
  }
  if (n <= 12) { # the same after tossing signs of one, and the larger of two at once
    y <- rev(x) * 0.7 + 0.01
    s <- as.matrix(expand.grid(rep(list(c(-1, 1)), n)))
    t <- cbind(s %*% x / sqrt(sum(x^2)), s %*% y / sqrt(sum(y^2)))
    most <- pmax(t[, 1], t[, 2])
    line("flipmax", mean(most >= t[2^n, 1] - 1e-9), mean(most >= t[2^n, 2] - 1e-9))
  }
}
for (n in c(1, 2, 3, 6, 9, 12, 25, 60, 120)) {
  v <- unique(floor(seq(0, n * (n + 1) / 2, length.out = 12)))
  cat("psignrank", n, "\n")
  line("v", v)
  line("p", psignrank(v, n))
}
for (n in c(201, 400)) { # beyond the exact branch of package stats
  k <- qsignrank(0.025, n)
  line(paste0("qsignrank.", n), k, 1 - 2 * psignrank(k - 1, n))
}

# The interval for a series of rounds that depend on their neighbours, from the formula in the comment of SeriesRatio.
series <- list(
  n20 = round(sin(1:20) * 0.08 + cos((1:20)^2) * 0.05 + 0.03, 6),
  n60ties = round(sin((1:60)^2) * 0.1 + cos(1:60 / 7) * 0.06 - 0.05, 2),
  n111 = round(sin((1:111)^2 * 1.7) * 0.1 + ((1:111) %% 23 == 5) * 0.6 + 0.01, 6)
)
for (name in names(series)) {
  x <- series[[name]]
  n <- length(x)
  cat("series", name, "\n")
  line("x", x)
  r <- rank(x) - (n + 1) / 2
  B <- floor(0.4 * n^(2 / 3))
  coef <- sapply(1:B, function(j) sqrt(2 / n) * sum(r * cos(pi * j * (1:n - 0.5) / n)))
  sd <- sqrt(n * (n + 1) * (2 * n + 1) / 24 * mean(coef^2) / mean(r^2))
  w <- outer(x, x, `+`)
  w <- sort(w[!lower.tri(w)]) / 2
  for (level in c(0.90, 0.95, 0.99)) {
    k <- max(1, floor(n * (n + 1) / 4 - qt((1 + level) / 2, B) * sd + 0.5))
    reached <- 2 * pt((n * (n + 1) / 4 - k + 0.5) / sd, B) - 1
    line(paste0("interval.", level), median(w), w[k], w[n * (n + 1) / 2 + 1 - k], reached)
  }
}

# Two samples that are not paired: the second against the first.
unpaired <- list(
  n1 = list(0.2, 0.5),
  n3x3 = list(c(0.11, 0.52, 0.33), c(0.94, 0.75, 1.26)),
  n4x4 = list(c(0.03, 0.11, -0.02, 0.052), c(0.083, 0.121, 0.2, 0.151)),
  n6x6 = list(c(0.031, -0.017, 0.054, 0.022, -0.008, 0.041), c(0.012, 0.066, 0.039, 0.085, 0.027, 0.051)),
  n5x9 = list(c(0.8, 0.83, 1.89, 1.04, 1.45), c(1.15, 0.88, 0.9, 0.74, 1.21, 1.38, 1.91, 1.64, 0.73)), # after Hollander and Wolfe
  n12x12 = list(round(qnorm((1:12 - 0.4) / 12.3) * 0.02, 6), round(qnorm((12:1 - 0.3) / 12.7) * 0.03 + 0.05, 6)),
  n20x7 = list(round(sin(1:20) * 0.1, 6), round(cos(1:7) * 0.12 - 0.02, 6)),
  n45x49 = list(round(sin((1:45)^2) * 0.1, 6), round(cos((1:49)^2) * 0.11 + 0.013, 6)),
  n8ties = list(c(1, 2, 2, 3, 4, 4, 5, 6) / 100, c(3, 4, 4, 5, 6, 6, 7, 9) / 100)
)
for (name in names(unpaired)) {
  x <- unpaired[[name]][[1]]
  y <- unpaired[[name]][[2]]
  m <- length(x)
  n <- length(y)
  d <- sort(outer(y, x, `-`))
  tied <- anyDuplicated(c(x, y)) > 0 # wilcox.test leaves the exact distribution: counted out here, as above
  cat("unpaired", name, "\n")
  line("x", x)
  line("y", y)
  for (level in c(0.90, 0.95, 0.99)) {
    k <- max(1, qwilcox((1 - level) / 2, m, n))
    reached <- 1 - 2 * pwilcox(k - 1, m, n)
    ends <- c(d[k], d[m * n + 1 - k])
    centre <- median(d)
    if (!tied) {
      t <- suppressWarnings(wilcox.test(y, x, conf.int = TRUE, exact = TRUE, conf.level = level))
      ends <- t$conf.int
      centre <- t$estimate
    }
    line(paste0("shift.", level), centre, ends[1], ends[2], reached)
  }
  if (tied) {
    d <- round(d, 9) # zeros are zeros
    line("p", min(1, 2 * pwilcox(min(sum(d <= 0), sum(d >= 0)), m, n)))
  } else {
    line("p", wilcox.test(y, x, exact = TRUE)$p.value)
  }
  edge <- log1p(0.05)
  line("equivalence.0.05", max(pwilcox(sum(d < -edge), m, n), pwilcox(sum(d > edge), m, n)))
}
for (n in c(60, 200)) { # beyond the exact branch of package stats
  k <- qwilcox(0.025, n, n)
  cat("qwilcox", n, "\n")
  line("cut", k, 1 - 2 * pwilcox(k - 1, n, n))
}

# Adjusted p values.
families <- list(
  one = c(0.03),
  three = c(0.01, 0.04, 0.03),
  ties = c(0.02, 0.02, 0.5, 0.02, 1),
  monotone = c(0.011, 0.012, 0.013, 0.2, 0.21),
  missing = c(0.01, NaN, 0.03, 0.005),
  thirty = round(((1:30 * 17) %% 31 / 31)^3, 8)
)
for (name in names(families)) {
  cat("holm", name, "\n")
  line("p", families[[name]])
  line("adjusted", p.adjust(families[[name]], method = "holm"))
}

# Clopper-Pearson.
for (n in c(1, 7, 200, 2000)) {
  for (k in unique(floor(c(0, n / 100, n / 3, n / 2, n - 1, n)))) {
    cat("binom", paste0(k, "/", n), "\n")
    line("counts", k, n)
    for (level in c(0.90, 0.95, 0.99)) line(paste0("interval.", level), binom.test(k, n, conf.level = level)$conf.int)
    for (of in c(0.05, 0.5)) line(paste0("p.", of), min(1, 2 * binom.test(k, n, of, "less")$p.value, 2 * binom.test(k, n, of, "greater")$p.value))
  }
}
