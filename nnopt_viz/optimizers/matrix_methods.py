"""Methods that treat weights as matrices: they train networks, and a surface has none.

In the rules: m, b means of the gradient, v a mean of squares; r and c the means of squares of
rows and columns. What a rule can do with matrices is in `formula.matrices`.
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Names
from nnopt_viz.optimizers.optimizer import (
    BETA1,
    BETA2,
    NETWORK_OPTIMIZERS,
    OWN_RATE,
    Optimizer,
    epsilon,
    learning_rate,
    weight_decay,
)

muon = NETWORK_OPTIMIZERS.add(
    Optimizer(
        name="muon",
        title="Muon",
        family="matrix methods",
        rule="""
            m = momentum*m + (1 - momentum)*g
            u = orthogonal((1 - momentum)*g + momentum*m)
            b = beta1*b + (1 - beta1)*g
            v = beta2*v + (1 - beta2)*g*g
            w = b/(1 - beta1**t) / (sqrt(v/(1 - beta2**t)) + eps)
            s = where(weights() > 0, lr*sqrt(maximum(1, aspect()))*u, adam_share*lr*w)
            x = x*(1 - lr*weight_decay) - s
        """,
        knobs=(
            learning_rate(0.02),
            Knob(
                "momentum", 0.95, "decay of the mean gradient, per step", 0.0, 1.0, also=("beta",)
            ),
            weight_decay(0.1, "shrinks the parameters by lr*weight_decay a step"),
            Knob("adam_share", 0.5, "rate of biases, as a share of lr", 0.0, 100.0),
            BETA1,
            BETA2,
            epsilon(1e-8),
        ),
        rate=OWN_RATE,
        doc="Each weight matrix steps along its momentum with all singular values made about "
        "equal; biases step by Adam.",
        source="Jordan et al. 2024, Muon: an optimizer for hidden layers in neural networks; "
        "torch.optim.Muon",
        differs="PyTorch's Muon takes matrices only and iterates in bfloat16, which moves a step "
        "by about a hundredth; here in double precision, and biases go by Adam. PyTorch's lr is "
        "0.001 unless given; 0.02 is the authors'.",
    ),
    Names(
        fixed={"nesterov": True, "ns_steps": 5, "adjust_lr_fn": "none", "adaptive": False},
        words={
            "ns_coefficients": "its matrices are made orthogonal in one way",
            "ns_coeffs": "its matrices are made orthogonal in one way",
            "adjust_lr_fn": "lr is multiplied by the root of a layer's outputs over its inputs, "
            "at least by 1",
        },
    ),
)

shampoo = NETWORK_OPTIMIZERS.add(
    Optimizer(
        name="shampoo",
        title="Shampoo",
        family="matrix methods",
        rule="""
            l = l + gram_rows(g)
            r = r + gram_columns(g)
            x = x - lr*between(l, g, r, eps)
        """,
        knobs=(learning_rate(0.1), epsilon(1e-6)),
        rate=OWN_RATE,
        doc="AdaGrad with whole matrices: the gradient between inverse fourth roots of the sums "
        "of its products over rows and over columns.",
        source="Gupta, Koren & Singer 2018, Shampoo: preconditioned stochastic tensor "
        "optimization, algorithms 1 and 2",
        differs="pytorch_optimizer's Shampoo takes the same steps.",
    ),
    Names(
        akin={
            "soap": "the method that it is made of is shampoo",
            "kfac": "of the methods with a matrix on either side there is shampoo",
        },
    ),
)

adafactor = NETWORK_OPTIMIZERS.add(
    Optimizer(
        name="adafactor",
        title="Adafactor",
        family="matrix methods",
        rule="""
            r = r + t**beta2_decay*(row_mean(g*g) - r)
            c = c + t**beta2_decay*(column_mean(g*g) - c)
            v = r*c/maximum(column_mean(r), eps1)
            u = g/sqrt(maximum(v, eps1**2))
            s = maximum(eps2, rms(x))*minimum(lr, 1/sqrt(t))/maximum(1, rms(u)/d)
            x = x - s*u
        """,
        knobs=(
            learning_rate(0.01),
            Knob(
                "beta2_decay",
                -0.8,
                "power of t: how fast the means of squares slow down",
                -1,
                0,
                also=("beta_2_decay",),
            ),
            Knob(
                "eps1",
                2.220446049250313e-16,
                "keeps divisions finite",
                0.0,
                1.0,
                also=("eps[0]", "epsilon_1"),
            ),
            Knob(
                "eps2",
                1e-3,
                "least size of the parameters that a step is scaled by",
                0.0,
                1.0,
                also=("eps[1]", "epsilon_2"),
            ),
            Knob(
                "d",
                1.0,
                "largest root mean square of a step before scaling",
                1.0,
                1e3,
                also=("clipping_threshold", "clip_threshold"),
            ),
        ),
        rate=OWN_RATE,
        doc="Adam's squares kept as row means times column means: memory of rows plus columns, "
        "not of their product; steps scale with the weights.",
        source="Shazeer & Stern 2018, Adafactor: adaptive learning rates with sublinear memory "
        "cost, algorithms 4 and 5; torch.optim.Adafactor",
        differs="PyTorch's Adafactor takes the same steps; the paper clips before the means "
        "settle and has a relative rate that falls as 1/sqrt(t).",
    ),
    Names(
        words={
            "decay_rate": "write beta2_decay=-0.8",
            "multiply_by_parameter_scale": "its steps always scale with the parameters",
            "factored": "its squares are always kept by rows and columns",
        },
        fixed={
            "multiply_by_parameter_scale": True,
            "factored": True,
            "relative_step": False,
            "scale_parameter": True,
        },
    ),
)
