"""Formulas and figures of papers: what momentum can do at best, where Adam goes wrong."""

from __future__ import annotations

from math import sqrt

from nnopt_viz.catalogue.published.record import Figure, Record, at

_K = 50  # after how many steps the formulas are compared


def _goh(kappa: int) -> Record:
    """Goh's best step size and momentum on a parabola with curvatures 1 and kappa."""
    alpha = (2 / (1 + sqrt(kappa))) ** 2
    beta = ((sqrt(kappa) - 1) / (sqrt(kappa) + 1)) ** 2
    rate = f"((sqrt({kappa}) - 1)/(sqrt({kappa}) + 1))"
    equal = "σ^k (k R/σ − (k − 1) I)"
    alone = "(κ − 1)/(κ + 1)"
    return Record(
        name=f"goh_kappa_{kappa}",
        title=f"The best momentum at a condition number of {kappa}",
        who="Goh",
        year=2017,
        work="Why momentum really works",
        where="Distill, “Optimal parameters”",
        address="https://distill.pub/2017/momentum/",
        shows="At the best α and β both coordinates shrink at the same pace, (√κ − 1)/(√κ + 1), as "
        "if the condition number were its square root.",
        printout=(
            "α = (2/(√λ₁ + √λₙ))²,  β = ((√λₙ − √λ₁)/(√λₙ + √λ₁))²",
            f"R^k = {equal} for equal eigenvalues σ",
            f"convergence rates: momentum (√κ − 1)/(√κ + 1), gradient descent {alone}",
        ),
        query=f"surface=ill_conditioned_bowl(rotation=0,condition={kappa})"
        f"&run=momentum(lr={alpha!r},momentum={beta!r})&run=sgd(lr={2 / (1 + kappa)!r})"
        f"&start=1,1&steps={_K}",
        figures=(
            Figure("x", _K, equal, 0, law=f"{rate}**{_K}*(1 + {_K}*(1 - {rate}))"),
            Figure("y", _K, equal, 0, law=f"{rate}**{_K}*(1 + {_K}*(1 + {rate}))"),
            Figure("x", _K, alone, 1, law=f"(({kappa} - 1)/({kappa} + 1))**{_K}"),
        ),
        note=f"λ₁ = 1, λₙ = κ = {kappa}, from (1, 1) at rest: R has the eigenvalue σ twice, plus "
        "the rate along x and minus the rate along y. Gradient descent runs at its own best rate, "
        "2/(λ₁ + λₙ): after k steps its convergence rate stands there k times.",
    )


GOH = tuple(_goh(kappa) for kappa in (10, 100, 1000))
_ALONG, _ACROSS = "γ ((γ − 1)/(γ + 1))^k", "(−(γ − 1)/(γ + 1))^k"
BOYD = Record(
    name="boyd_exact_line_search",
    title="Steepest descent with an exact line search zig-zags",
    who="Boyd & Vandenberghe",
    year=2004,
    work="Convex optimization",
    where="section 9.3.2, f = (x₁² + γ x₂²)/2 from (γ, 1)",
    address="https://web.stanford.edu/~boyd/cvxbook/",
    shows="Even the best step along the gradient only multiplies f by ((γ − 1)/(γ + 1))²: what is "
    "slow is the direction, not the length.",
    printout=(f"x₁(k) = {_ALONG}", f"x₂(k) = {_ACROSS}"),
    query='surface=formula(f="(x**2 + 10*y**2)/2",bounds="-12,12,-6,6")'
    '&run=rule(text="x = x - dot(g, g)/dot(g, hessian(g))*g")&start=10,1&steps=20',
    figures=(
        Figure("x", 1, _ALONG, law="10*((10 - 1)/(10 + 1))"),
        Figure("y", 1, _ACROSS, law="-(10 - 1)/(10 + 1)"),
        Figure("x", 20, _ALONG, law="10*((10 - 1)/(10 + 1))**20"),
        Figure("y", 20, _ACROSS, law="((10 - 1)/(10 + 1))**20"),
    ),
    note="γ = 10, as in the book's picture. On a parabola the exact step is ⟨g, g⟩/⟨g, H g⟩.",
)

# One function a step, written as the mean function's gradient times a factor whose mean is 1.
_SYNTHETIC = "g = g*where(mod(t, 101) == 1, 10201, -101)"
_MEAN = 'surface=formula(f="10*x/101",bounds="-1.25,1.25,-1,1")'
_ROOT = "x = clip(x - lr/sqrt(t)*m/(sqrt({0}) + 1e-8), -1, 1)"
_TURNS = (
    "The surface is the mean of all f_t. In a rule g is its gradient; the factor makes it that of "
    "the function whose turn it is, and is 1 on average. y takes no part."
)
_C = 4  # the paper asks for more than 2
_THIRD = f"g = g*where(mod(t, 3) == 1, {_C}, -1)*3/{_C - 2}; v = b2*v + (1 - b2)*g*g"


def _moments(beta2: str, more: str = "") -> str:
    return f"m = 0.9*m + (1 - 0.9)*g; v = {beta2}*v + (1 - {beta2})*g*g{more}"


REDDI = (
    Record(
        name="reddi_theorem",
        title="Adam converges to the worst point",
        who="Reddi, Kale & Kumar",
        year=2018,
        work="On the convergence of Adam and beyond",
        where="section 3, f_t(x) = C x when t mod 3 = 1, else −x, on [−1, 1]",
        address="https://arxiv.org/abs/1904.09237",
        shows="The rare large gradient is divided by itself and counts no more than the two small "
        "ones that point the wrong way. AMSGrad, which never forgets the large one, goes the right "
        "way.",
        printout=(
            "β₁ = 0, β₂ = 1/(1 + C²), C > 2: the point x = −1 provides the minimum regret",
            "Adam converges to a highly suboptimal solution of x = +1",
        ),
        query=f'surface=formula(f="{_C - 2}*x/3",bounds="-1.25,1.25,-1,1")'
        f'&run=rule(text="{_THIRD}; x = clip(x - lr/sqrt(t)*g/(sqrt(v) + 1e-8), -1, 1)",'
        f"b2={1 / (1 + _C**2)!r},lr=0.5)"
        f'&run=rule(text="{_THIRD}; h = maximum(h, v); '
        f'x = clip(x - lr/sqrt(t)*g/(sqrt(h) + 1e-8), -1, 1)",b2={1 / (1 + _C**2)!r},lr=0.5)'
        "&start=0,0&steps=3000",
        runs=("Adam", "AMSGrad"),
        figures=(*at(300, x="+1"), *at(3000, x="+1")),
        note=f"C = {_C} and α = 0.5/√t are ours: the paper asks for any C > 2 and gives no α. "
        f"{_TURNS} The first run is Adam, the second AMSGrad.",
    ),
    Record(
        name="reddi_synthetic",
        title="Adam and AMSGrad on the synthetic example",
        who="Reddi, Kale & Kumar",
        year=2018,
        work="On the convergence of Adam and beyond",
        where="section 5, f_t(x) = 1010 x when t mod 101 = 1, else −10 x, on [−1, 1]",
        address="https://arxiv.org/abs/1904.09237",
        shows="The same with the β of practice: 100 small gradients outvote one that is larger "
        "than their sum.",
        printout=(
            "β₁ = 0.9, β₂ = 0.99; the optimal solution is x = -1",
            "the iterates of Adam converge to x = 1, those of AMSGrad to the optimal solution",
        ),
        query=f'{_MEAN}&run=rule(text="{_SYNTHETIC}; {_moments("0.99")}; {_ROOT.format("v")}",'
        f'lr=0.5)&run=rule(text="{_SYNTHETIC}; {_moments("0.99", "; h = maximum(h, v)")}; '
        f'{_ROOT.format("h")}",lr=0.5)&start=0,0&steps=20000',
        runs=("Adam", "AMSGrad"),
        figures=(*at(20000, 0, x="1"), *at(20000, 1, x="-1")),
        note="The paper shows a picture and no digits, so whole numbers are compared; α = 0.5/√t "
        f"is ours. {_TURNS} The first run is Adam, the second AMSGrad.",
    ),
    Record(
        name="phuong_example",
        title="AMSGrad's first two steps on that example",
        who="Phuong & Phong",
        year=2019,
        work="On the convergence proof of AMSGrad and a new version",
        where="example 3.2",
        address="https://arxiv.org/abs/1904.03590",
        shows="The distance to −1 shrinks in the first step and grows in the second: a proof must "
        "not take for granted that it always shrinks.",
        printout=("x₁ = 1, x₂ ≈ 0.99684, x₃ ≈ 0.99706",),
        query=f'{_MEAN}&run=rule(text="{_SYNTHETIC}; b = 0.9*0.001**(t - 1); '
        "m = b*m + (1 - b)*g; v = 0.999*v + (1 - 0.999)*g*g; h = maximum(h, v); "
        f'{_ROOT.format("h")}",lr=0.001)&start=1,0&steps=50',
        figures=(*at(0, x="1"), *at(1, x="0.99684"), *at(2, x="0.99706")),
        note="β₁ = 0.9·0.001^(t − 1), β₂ = 0.999, α = 0.001/√t. The paper has 16 digits; these are "
        "the five that a machine-checked proof of the example quotes.",
    ),
)
RECORDS = (*GOH, BOYD, *REDDI)
