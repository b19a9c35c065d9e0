"""The optimizers: each adds its hyper-parameters and its rule to ``Optimizer``; the table of all is at the end."""

from momentum_gui.core.elementary import larger, sign, sqrt
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.params import (
    Beta,
    Beta1,
    Beta2,
    Convention,
    Decay,
    Epsilon,
    LearningRate,
    MomentumDecay,
    Nu,
    Rho,
    Value,
    WeightDecay,
)


class SGD(Optimizer, frozen=True, tag="sgd"):
    """w <- w - lr g

    (Stochastic) gradient descent: Cauchy 1847; Robbins & Monro 1951.
    Stable on a quadratic of curvature l if lr l < 2.
    """

    title = "SGD"
    formula = "w − η g"
    latex = (r"w \leftarrow w - \eta g",)

    lr: LearningRate = 0.01

    def move(self, g: Value, t: int, w: Value) -> tuple[Value, ...]:
        return (w - self.lr * g,)

    def parts(self, g: Value, t: int, w: Value) -> dict[str, Value]:
        return {"gradient": -self.lr * g}

    def part_symbols(self) -> dict[str, str]:
        return {"gradient": "−η g"}

    def stability_limit(self) -> float:
        return 2.0


class Momentum(Optimizer, frozen=True, tag="momentum"):
    """v <- mu v - lr g;  w <- w + v

    Polyak 1964, the heavy ball; v starts at 0. The learning rate is inside the velocity, so v is a
    displacement (the convention of Sutskever et al. 2013 and of CS231n).
    The same rule in the ascent form of the article this program comes from, where the gradient is that of the
    log-likelihood, ``err = y_true - y_prob``, and thus points uphill:
    ``velocity = gamma * velocity + alpha * grad;  model += velocity``.
    Stable on a quadratic of curvature l if lr l < 2 + 2 mu.

    Two other ``convention``s walk the same path as long as the learning rate stays the same:

    outside
        v <- mu v + g;  w <- w - lr v  (PyTorch, optax, Distill): a change of lr acts on the whole velocity at once;
    average
        v <- mu v + (1 - mu) g;  w <- w - lr v  (Hagan et al., *Neural Network Design*): v is an average of the
        gradients, and the learning rate must be 1 / (1 - mu) times as large for the same path, as must its limit.
    """

    title = "Momentum"
    formula = "v ← μ v − η g;  w + v"
    latex = (r"v \leftarrow \mu v - \eta g", r"w \leftarrow w + v")
    memories = ("velocity",)

    lr: LearningRate = 0.01
    mu: Decay = 0.9
    convention: Convention = "inside"

    def move(self, g: Value, t: int, w: Value, v: Value) -> tuple[Value, ...]:
        if self.convention == "inside":
            v = self.mu * v - self.lr * g
            return w + v, v
        if self.convention == "outside":
            v = self.mu * v + g
            return w - self.lr * v, v
        v = self.mu * v + (1.0 - self.mu) * g
        return w - self.lr * v, v

    def parts(self, g: Value, t: int, w: Value, v: Value) -> dict[str, Value]:
        if self.convention == "inside":
            return {"momentum": self.mu * v, "gradient": -self.lr * g}
        if self.convention == "outside":
            return {"momentum": -self.lr * self.mu * v, "gradient": -self.lr * g}
        return {"momentum": -self.lr * self.mu * v, "gradient": -self.lr * (1.0 - self.mu) * g}

    def part_symbols(self) -> dict[str, str]:
        return {
            "inside": {"momentum": "μ v", "gradient": "−η g"},
            "outside": {"momentum": "−η μ v", "gradient": "−η g"},
            "average": {"momentum": "−η μ v", "gradient": "−η(1−μ) g"},
        }[self.convention]

    def typeset(self) -> tuple[str, ...]:
        return {
            "inside": self.latex,
            "outside": (r"v \leftarrow \mu v + g", r"w \leftarrow w - \eta v"),
            "average": (r"v \leftarrow \mu v + (1 - \mu) g", r"w \leftarrow w - \eta v"),
        }[self.convention]

    def stability_limit(self) -> float:
        limit = 2 + 2 * self.mu
        return limit / (1.0 - self.mu) if self.convention == "average" else limit


class Nesterov(Optimizer, frozen=True, tag="nesterov"):
    """v <- mu v - lr grad(w + mu v);  w <- w + v

    Nesterov 1983 in the form of Sutskever et al. 2013: momentum whose gradient is taken at the look-ahead
    point. The learning rate is inside the velocity.
    Stable on a quadratic of curvature l if lr l < (2 + 2 mu) / (1 + 2 mu).
    """

    title = "Nesterov"
    formula = "v ← μ v − η ∇f(w + μ v);  w + v"
    latex = (r"v \leftarrow \mu v - \eta \nabla f(w + \mu v)", r"w \leftarrow w + v")
    memories = ("velocity",)

    lr: LearningRate = 0.01
    mu: Decay = 0.9

    def look(self, w: Value, v: Value) -> Value:
        return w + self.mu * v

    def move(self, g: Value, t: int, w: Value, v: Value) -> tuple[Value, ...]:
        v = self.mu * v - self.lr * g
        return w + v, v

    def parts(self, g: Value, t: int, w: Value, v: Value) -> dict[str, Value]:
        return {"momentum": self.mu * v, "gradient": -self.lr * g}

    def part_symbols(self) -> dict[str, str]:
        return {"momentum": "μ v", "gradient": "−η g"}

    def stability_limit(self) -> float:
        return (2 + 2 * self.mu) / (1 + 2 * self.mu)


class QHM(Optimizer, frozen=True, tag="qhm"):
    """m <- beta m + (1 - beta) g;  w <- w - lr ((1 - nu) g + nu m)

    Quasi-hyperbolic momentum, Ma & Yarats 2018 (arXiv 1810.06801), whose defaults these are: a step between the
    gradient and its average. nu = 0 is SGD, nu = 1 momentum of the convention "average", and nu = beta walks
    through the look-ahead points of Nesterov's method with the learning rate (1 - beta) lr.
    Stable on a quadratic of curvature l if lr l < (2 + 2 beta) / (1 + beta - 2 beta nu).
    """

    title = "QHM"
    formula = "m ← β m + (1 − β) g;  w − η ((1 − ν) g + ν m)"
    latex = (
        r"m \leftarrow \beta m + (1 - \beta) g",
        r"w \leftarrow w - \eta \left( (1 - \nu) g + \nu m \right)",
    )
    memories = ("mean",)

    lr: LearningRate = 0.01
    beta: Beta = 0.999
    nu: Nu = 0.7

    def move(self, g: Value, t: int, w: Value, m: Value) -> tuple[Value, ...]:
        m = self.beta * m + (1.0 - self.beta) * g
        return w - self.lr * ((1.0 - self.nu) * g + self.nu * m), m

    def parts(self, g: Value, t: int, w: Value, m: Value) -> dict[str, Value]:
        along = self.lr * self.nu * self.beta
        return {"momentum": -along * m, "gradient": (along - self.lr) * g}

    def part_symbols(self) -> dict[str, str]:
        return {"momentum": "−ηνβ m", "gradient": "−η(1−νβ) g"}

    def stability_limit(self) -> float:
        return (2 + 2 * self.beta) / (1 + self.beta - 2 * self.beta * self.nu)


class Adagrad(Optimizer, frozen=True, tag="adagrad"):
    """s <- s + g^2;  w <- w - lr g / (sqrt(s) + eps)

    Duchi, Hazan & Singer 2011, as in PyTorch. Each coordinate's learning rate falls with all it has ever seen.
    """

    title = "Adagrad"
    formula = "s ← s + g²;  w − η g / (√s + ε)"
    latex = (r"s \leftarrow s + g^2", r"w \leftarrow w - \frac{\eta}{\sqrt{s} + \epsilon} g")
    memories = ("squares",)

    lr: LearningRate = 0.01
    eps: Epsilon = 1e-10

    def move(self, g: Value, t: int, w: Value, s: Value) -> tuple[Value, ...]:
        s = s + g * g
        return w - self.lr * g / (sqrt(s) + self.eps), s

    def parts(self, g: Value, t: int, w: Value, s: Value) -> dict[str, Value]:
        return {"gradient": -self.scale(g, t, w, s) * g}

    def part_symbols(self) -> dict[str, str]:
        return {"gradient": "−ηᵢ g"}

    def scale(self, g: Value, t: int, w: Value, s: Value) -> Value:
        _w, s = self.move(g, t, w, s)
        return self.lr / (sqrt(s) + self.eps)


class RMSprop(Optimizer, frozen=True, tag="rmsprop"):
    """s <- rho s + (1 - rho) g^2;  w <- w - lr g / (sqrt(s) + eps)

    Tieleman & Hinton 2012, as in PyTorch (whose alpha is rho): Adagrad that forgets.
    """

    title = "RMSprop"
    formula = "s ← ρ s + (1 − ρ) g²;  w − η g / (√s + ε)"
    latex = (
        r"s \leftarrow \rho s + (1 - \rho) g^2",
        r"w \leftarrow w - \frac{\eta}{\sqrt{s} + \epsilon} g",
    )
    memories = ("mean square",)

    lr: LearningRate = 0.01
    rho: Rho = 0.99
    eps: Epsilon = 1e-8

    def move(self, g: Value, t: int, w: Value, s: Value) -> tuple[Value, ...]:
        s = self.rho * s + (1.0 - self.rho) * (g * g)
        return w - self.lr * g / (sqrt(s) + self.eps), s

    def parts(self, g: Value, t: int, w: Value, s: Value) -> dict[str, Value]:
        return {"gradient": -self.scale(g, t, w, s) * g}

    def part_symbols(self) -> dict[str, str]:
        return {"gradient": "−ηᵢ g"}

    def scale(self, g: Value, t: int, w: Value, s: Value) -> Value:
        _w, s = self.move(g, t, w, s)
        return self.lr / (sqrt(s) + self.eps)


class Adadelta(Optimizer, frozen=True, tag="adadelta"):
    """s <- rho s + (1 - rho) g^2;  d = sqrt(u + eps) / sqrt(s + eps) g;  u <- rho u + (1 - rho) d^2;  w <- w - lr d

    Zeiler 2012 (arXiv 1212.5701), as in PyTorch: the steps have the units of w, for u averages their squares.
    """

    title = "Adadelta"
    formula = "s ← ρ s + (1 − ρ) g²;  d = √(u + ε) / √(s + ε) g;  u ← ρ u + (1 − ρ) d²;  w − η d"
    latex = (
        r"s \leftarrow \rho s + (1 - \rho) g^2",
        r"d = \frac{\sqrt{u + \epsilon}}{\sqrt{s + \epsilon}} g",
        r"u \leftarrow \rho u + (1 - \rho) d^2",
        r"w \leftarrow w - \eta d",
    )
    memories = ("mean square", "mean square step")

    lr: LearningRate = 1.0
    rho: Rho = 0.9
    eps: Epsilon = 1e-6

    def move(self, g: Value, t: int, w: Value, s: Value, u: Value) -> tuple[Value, ...]:
        s = self.rho * s + (1.0 - self.rho) * (g * g)
        d = sqrt(u + self.eps) / sqrt(s + self.eps) * g
        u = self.rho * u + (1.0 - self.rho) * (d * d)
        return w - self.lr * d, s, u

    def parts(self, g: Value, t: int, w: Value, s: Value, u: Value) -> dict[str, Value]:
        return {"gradient": -self.scale(g, t, w, s, u) * g}

    def part_symbols(self) -> dict[str, str]:
        return {"gradient": "−ηᵢ g"}

    def scale(self, g: Value, t: int, w: Value, s: Value, u: Value) -> Value:
        _w, s, _u = self.move(g, t, w, s, u)
        return self.lr * sqrt(u + self.eps) / sqrt(s + self.eps)


PARTS_OF_THE_MEAN = {"momentum": "−ηᵢ β₁ m̂", "gradient": "−ηᵢ (1−β₁) ĝ"}
"""ηᵢ is the learning rate of a coordinate; a hat divides by 1 - beta1^t, as it does in Adam's rule."""


def _parts_of_the_mean(rate: Value, beta1: Value, m: Value, g: Value) -> dict[str, Value]:
    """What the kept mean ``m`` and the new gradient ``g`` add to the step ``-rate (beta1 m + (1 - beta1) g)``."""
    return {"momentum": -rate * beta1 * m, "gradient": -rate * (1.0 - beta1) * g}


class Adam(Optimizer, frozen=True, tag="adam"):
    """m <- beta1 m + (1 - beta1) g;  s <- beta2 s + (1 - beta2) g^2;  w <- w - lr m^ / (sqrt(s^) + eps)

    with m^ = m / (1 - beta1^t) and s^ = s / (1 - beta2^t), for averages that start at 0 are too small at first:
    Kingma & Ba 2015 (arXiv 1412.6980), as in PyTorch. The first step is lr long in every coordinate.
    """

    title = "Adam"
    formula = "m ← β₁ m + (1 − β₁) g;  s ← β₂ s + (1 − β₂) g²;  w − η m̂ / (√ŝ + ε)"
    latex = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1) g",
        r"s \leftarrow \beta_2 s + (1 - \beta_2) g^2",
        r"\hat{m} = \frac{m}{1 - \beta_1^t} \qquad \hat{s} = \frac{s}{1 - \beta_2^t}",
        r"w \leftarrow w - \frac{\eta}{\sqrt{\hat{s}} + \epsilon} \hat{m}",
    )
    memories = ("mean", "mean square")

    lr: LearningRate = 0.001
    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.999
    eps: Epsilon = 1e-8

    def move(self, g: Value, t: int, w: Value, m: Value, s: Value) -> tuple[Value, ...]:
        m = self.beta1 * m + (1.0 - self.beta1) * g
        s = self.beta2 * s + (1.0 - self.beta2) * (g * g)
        m_hat = m / (1.0 - self.beta1**t)
        s_hat = s / (1.0 - self.beta2**t)
        return w - self.lr * m_hat / (sqrt(s_hat) + self.eps), m, s

    def parts(self, g: Value, t: int, w: Value, m: Value, s: Value) -> dict[str, Value]:
        return _parts_of_the_mean(self.scale(g, t, w, m, s) / (1.0 - self.beta1**t), self.beta1, m, g)

    def part_symbols(self) -> dict[str, str]:
        return PARTS_OF_THE_MEAN

    def scale(self, g: Value, t: int, w: Value, m: Value, s: Value) -> Value:
        _w, _m, s = self.move(g, t, w, m, s)
        return self.lr / (sqrt(s / (1.0 - self.beta2**t)) + self.eps)


class AMSGrad(Optimizer, frozen=True, tag="amsgrad"):
    """Adam whose s is replaced, in the step, by the largest it has been: h <- max(h, s)

    Reddi, Kale & Kumar 2018, as PyTorch's ``amsgrad=True``, which takes the maximum before the correction by
    1 - beta2^t. A coordinate's learning rate does not grow again after a large gradient.
    """

    title = "AMSGrad"
    formula = "m, s as Adam;  h ← max(h, s);  w − η m̂ / (√ĥ + ε)"
    latex = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1) g",
        r"s \leftarrow \beta_2 s + (1 - \beta_2) g^2",
        r"h \leftarrow \max(h, s)",
        r"\hat{m} = \frac{m}{1 - \beta_1^t} \qquad \hat{h} = \frac{h}{1 - \beta_2^t}",
        r"w \leftarrow w - \frac{\eta}{\sqrt{\hat{h}} + \epsilon} \hat{m}",
    )
    memories = ("mean", "mean square", "largest mean square")

    lr: LearningRate = 0.001
    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.999
    eps: Epsilon = 1e-8

    def move(self, g: Value, t: int, w: Value, m: Value, s: Value, h: Value) -> tuple[Value, ...]:
        m = self.beta1 * m + (1.0 - self.beta1) * g
        s = self.beta2 * s + (1.0 - self.beta2) * (g * g)
        h = larger(h, s)
        m_hat = m / (1.0 - self.beta1**t)
        h_hat = h / (1.0 - self.beta2**t)
        return w - self.lr * m_hat / (sqrt(h_hat) + self.eps), m, s, h

    def parts(self, g: Value, t: int, w: Value, m: Value, s: Value, h: Value) -> dict[str, Value]:
        return _parts_of_the_mean(self.scale(g, t, w, m, s, h) / (1.0 - self.beta1**t), self.beta1, m, g)

    def part_symbols(self) -> dict[str, str]:
        return PARTS_OF_THE_MEAN

    def scale(self, g: Value, t: int, w: Value, m: Value, s: Value, h: Value) -> Value:
        _w, _m, _s, h = self.move(g, t, w, m, s, h)
        return self.lr / (sqrt(h / (1.0 - self.beta2**t)) + self.eps)


class AdamW(Optimizer, frozen=True, tag="adamw"):
    """w <- (1 - lr weight_decay) w, then Adam's step

    Loshchilov & Hutter 2019 (arXiv 1711.05101), as in PyTorch: the decay is decoupled from the gradient, so that
    it is not divided by its size.
    """

    title = "AdamW"
    formula = "m, s as Adam;  (1 − η λ) w − η m̂ / (√ŝ + ε)"
    latex = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1) g",
        r"s \leftarrow \beta_2 s + (1 - \beta_2) g^2",
        r"\hat{m} = \frac{m}{1 - \beta_1^t} \qquad \hat{s} = \frac{s}{1 - \beta_2^t}",
        r"w \leftarrow (1 - \eta \lambda) w - \frac{\eta}{\sqrt{\hat{s}} + \epsilon} \hat{m}",
    )
    memories = ("mean", "mean square")

    lr: LearningRate = 0.001
    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.999
    eps: Epsilon = 1e-8
    weight_decay: WeightDecay = 0.01

    def move(self, g: Value, t: int, w: Value, m: Value, s: Value) -> tuple[Value, ...]:
        m = self.beta1 * m + (1.0 - self.beta1) * g
        s = self.beta2 * s + (1.0 - self.beta2) * (g * g)
        m_hat = m / (1.0 - self.beta1**t)
        s_hat = s / (1.0 - self.beta2**t)
        kept = (1.0 - self.lr * self.weight_decay) * w
        return kept - self.lr * m_hat / (sqrt(s_hat) + self.eps), m, s

    def parts(self, g: Value, t: int, w: Value, m: Value, s: Value) -> dict[str, Value]:
        parts = _parts_of_the_mean(self.scale(g, t, w, m, s) / (1.0 - self.beta1**t), self.beta1, m, g)
        return {**parts, "decay": -self.lr * self.weight_decay * w}

    def part_symbols(self) -> dict[str, str]:
        return {**PARTS_OF_THE_MEAN, "decay": "−η λ w"}

    def scale(self, g: Value, t: int, w: Value, m: Value, s: Value) -> Value:
        _w, _m, s = self.move(g, t, w, m, s)
        return self.lr / (sqrt(s / (1.0 - self.beta2**t)) + self.eps)


class NAdam(Optimizer, frozen=True, tag="nadam"):
    """mu_t = beta1 (1 - 0.96^(t psi) / 2);  m, s as Adam's;  m^ = (1 - mu_t) g / (1 - P_t) + mu_t+1 m / (1 - P_t+1)

    with P_t = mu_1 mu_2 ... mu_t; then w <- w - lr m^ / (sqrt(s^) + eps). Dozat 2016, as in PyTorch: Adam with
    Nesterov's look-ahead, its momentum mu_t rising with the steps; psi is ``momentum_decay``.
    The memory is q = 1 - P, which starts at 0 as every memory does.
    """

    title = "NAdam"
    formula = "m, s as Adam;  m̂ = (1 − μₜ) g / (1 − Pₜ) + μₜ₊₁ m / (1 − Pₜ₊₁);  w − η m̂ / (√ŝ + ε)"
    latex = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1) g",
        r"s \leftarrow \beta_2 s + (1 - \beta_2) g^2 \qquad \hat{s} = \frac{s}{1 - \beta_2^t}",
        r"\mu_t = \beta_1 \left( 1 - \frac{1}{2} 0.96^{t \psi} \right) \qquad q \leftarrow 1 - \mu_t (1 - q)",
        r"\hat{m} = \frac{1 - \mu_t}{q} g + \frac{\mu_{t+1}}{1 - \mu_{t+1} (1 - q)} m",
        r"w \leftarrow w - \frac{\eta}{\sqrt{\hat{s}} + \epsilon} \hat{m}",
    )
    memories = ("mean", "mean square", "weight of the mean")

    lr: LearningRate = 0.002
    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.999
    eps: Epsilon = 1e-8
    momentum_decay: MomentumDecay = 0.004

    def move(self, g: Value, t: int, w: Value, m: Value, s: Value, q: Value) -> tuple[Value, ...]:
        m = self.beta1 * m + (1.0 - self.beta1) * g
        s = self.beta2 * s + (1.0 - self.beta2) * (g * g)
        mu = self.beta1 * (1.0 - 0.5 * 0.96 ** (t * self.momentum_decay))
        mu_next = self.beta1 * (1.0 - 0.5 * 0.96 ** ((t + 1) * self.momentum_decay))
        q = 1.0 - mu * (1.0 - q)
        m_hat = (1.0 - mu) / q * g + mu_next / (1.0 - mu_next * (1.0 - q)) * m
        s_hat = s / (1.0 - self.beta2**t)
        return w - self.lr * m_hat / (sqrt(s_hat) + self.eps), m, s, q

    def parts(self, g: Value, t: int, w: Value, m: Value, s: Value, q: Value) -> dict[str, Value]:
        scale = self.scale(g, t, w, m, s, q)
        mu = self.beta1 * (1.0 - 0.5 * 0.96 ** (t * self.momentum_decay))
        mu_next = self.beta1 * (1.0 - 0.5 * 0.96 ** ((t + 1) * self.momentum_decay))
        q = 1.0 - mu * (1.0 - q)
        parts = _parts_of_the_mean(scale * mu_next / (1.0 - mu_next * (1.0 - q)), self.beta1, m, g)
        return {**parts, "gradient": parts["gradient"] - scale * (1.0 - mu) / q * g}

    def part_symbols(self) -> dict[str, str]:
        return {"momentum": "−ηᵢ m̂(m)", "gradient": "−ηᵢ m̂(g)"}

    def scale(self, g: Value, t: int, w: Value, m: Value, s: Value, q: Value) -> Value:
        _w, _m, s, _q = self.move(g, t, w, m, s, q)
        return self.lr / (sqrt(s / (1.0 - self.beta2**t)) + self.eps)


class Lion(Optimizer, frozen=True, tag="lion"):
    """w <- w - lr sign(beta1 m + (1 - beta1) g);  m <- beta2 m + (1 - beta2) g

    Chen et al. 2023 (arXiv 2302.06675), without weight decay: every coordinate moves by lr, whatever the size of
    its gradient, so lr is best 3 to 10 times smaller than Adam's.
    """

    title = "Lion"
    formula = "w − η sign(β₁ m + (1 − β₁) g);  m ← β₂ m + (1 − β₂) g"
    latex = (
        r"w \leftarrow w - \eta \, \mathrm{sign}(\beta_1 m + (1 - \beta_1) g)",
        r"m \leftarrow \beta_2 m + (1 - \beta_2) g",
    )
    memories = ("mean",)

    lr: LearningRate = 0.0001
    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.99

    def move(self, g: Value, t: int, w: Value, m: Value) -> tuple[Value, ...]:
        c = self.beta1 * m + (1.0 - self.beta1) * g
        return w - self.lr * sign(c), self.beta2 * m + (1.0 - self.beta2) * g


OPTIMIZERS: tuple[type[Optimizer], ...] = (
    SGD,
    Momentum,
    Nesterov,
    QHM,
    Adagrad,
    RMSprop,
    Adadelta,
    Adam,
    AMSGrad,
    AdamW,
    NAdam,
    Lion,
)
AnyOptimizer = SGD | Momentum | Nesterov | QHM | Adagrad | RMSprop | Adadelta | Adam | AMSGrad | AdamW | NAdam | Lion
