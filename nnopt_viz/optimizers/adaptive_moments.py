"""Adam and its relatives: momentum and adaptive learning rates together.

In the rules: m the mean gradient (first moment), v the mean squared gradient (second
moment), s the divisor. m is written as torch.lerp computes it; it is
beta1*m + (1 - beta1)*g.
"""

from nnopt_viz.declare.knobs import Knob
from nnopt_viz.declare.names import Form, Names
from nnopt_viz.optimizers.optimizer import (
    B2,
    BETA1,
    BETA2,
    OPTIMIZERS,
    Optimizer,
    epsilon,
    learning_rate,
    weight_decay,
)

adam = OPTIMIZERS.add(
    Optimizer(
        name="adam",
        title="Adam",
        family="adaptive",
        rule="""
            g = g + weight_decay*x
            m = m + (1 - beta1)*(g - m)
            v = beta2*v + (1 - beta2)*g*g
            x = x - lr/(1 - beta1**t)*m / (sqrt(v)/sqrt(1 - beta2**t) + eps)
        """,
        knobs=(learning_rate(1e-3), BETA1, BETA2, epsilon(1e-8), weight_decay()),
        rate="adaptive",
        stable="2*(1 + beta1)/((1 - beta1)*lr)",
        divisor="(1 - beta1**t)*(sqrt(v)/sqrt(1 - beta2**t) + eps)",
        doc="Momentum, with every coordinate's step divided by the size of its recent gradients.",
        source="Kingma & Ba 2015, Adam: a method for stochastic optimization, algorithm 1; "
        "torch.optim.Adam",
        differs="The paper and optax have no weight_decay here.",
    ),
    Names(
        ("adaptive_moment_estimation",),
        akin={
            "sparse_adam": "where every gradient is dense it is adam",
            "lazy_adam": "where every gradient is dense it is adam",
        },
        forms=(
            Form("amsgrad", "amsgrad"),
            Form("decoupled_weight_decay", "adam", {"weight_decay": "decoupled_decay"}),
        ),
        fixed={"nesterov": False},
        words={"nesterov": "Adam with Nesterov's momentum is nadam"},
    ),
)

amsgrad = OPTIMIZERS.add(
    Optimizer(
        name="amsgrad",
        title="AMSGrad",
        family="adaptive",
        rule="""
            g = g + weight_decay*x
            m = m + (1 - beta1)*(g - m)
            v = beta2*v + (1 - beta2)*g*g
            v_max = maximum(v_max, v)
            x = x - lr/(1 - beta1**t)*m / (sqrt(v_max)/sqrt(1 - beta2**t) + eps)
        """,
        knobs=(learning_rate(1e-3), BETA1, BETA2, epsilon(1e-8), weight_decay()),
        rate="adaptive",
        stable="2*(1 + beta1)/((1 - beta1)*lr)",
        divisor="(1 - beta1**t)*(sqrt(v_max)/sqrt(1 - beta2**t) + eps)",
        doc="Adam that divides by the largest mean square so far, which mends a case where Adam "
        "does not converge.",
        source="Reddi, Kale & Kumar 2018, On the convergence of Adam and beyond, algorithm 2; "
        "torch.optim.Adam with amsgrad=True",
        differs="PyTorch and we take the maximum of v and then correct its bias, optax takes the "
        "maximum of the corrected v; the paper has no bias correction and no eps.",
    ),
    Names(
        ("adam_amsgrad", "amsgrad_adam"),
        forms=(Form("decoupled_weight_decay", "amsgrad", {"weight_decay": "decoupled_decay"}),),
        fixed={"amsgrad": True, "bias_correction_mu": True, "bias_correction_nu": True},
    ),
)

adamw = OPTIMIZERS.add(
    Optimizer(
        name="adamw",
        title="AdamW",
        family="adaptive",
        rule="""
            x = x*(1 - lr*weight_decay)
            m = m + (1 - beta1)*(g - m)
            v = beta2*v + (1 - beta2)*g*g
            x = x - lr/(1 - beta1**t)*m / (sqrt(v)/sqrt(1 - beta2**t) + eps)
        """,
        knobs=(
            learning_rate(1e-3),
            BETA1,
            BETA2,
            epsilon(1e-8),
            weight_decay(1e-2, "shrinks x by lr*weight_decay each step"),
        ),
        rate="adaptive",
        stable="(2 - lr*weight_decay)*(1 + beta1)/((1 - beta1)*lr)",
        divisor="(1 - beta1**t)*(sqrt(v)/sqrt(1 - beta2**t) + eps)",
        doc="Adam that shrinks the parameters directly instead of adding the decay to the "
        "gradient. With noise it settles nearer the origin than the minimum; without, it creeps up "
        "to a minimum whose coordinates are below 1/weight_decay.",
        source="Loshchilov & Hutter 2019, Decoupled weight decay regularization, algorithm 2; "
        "where it ends: Xie & Li 2024, Implicit bias of AdamW; torch.optim.AdamW",
        differs="PyTorch and optax scale the decay by lr, the paper by the schedule alone. "
        "optax's default weight_decay is 1e-4.",
    ),
    Names(
        ("decoupled_adam",),
        forms=(Form("amsgrad", "amsgrad", {"weight_decay": "decoupled_decay"}),),
        fixed={"decoupled_weight_decay": True, "nesterov": False},
        words={
            "nesterov": "Adam with Nesterov's momentum is nadam; write nadam(decoupled_decay=0.01)"
        },
    ),
)

adamax = OPTIMIZERS.add(
    Optimizer(
        name="adamax",
        title="Adamax",
        family="adaptive",
        rule="""
            g = g + weight_decay*x
            m = m + (1 - beta1)*(g - m)
            u = maximum(beta2*u, abs(g) + eps)
            x = x - lr/(1 - beta1**t)*m / u
        """,
        knobs=(
            learning_rate(2e-3),
            BETA1,
            Knob(
                "beta2",
                0.999,
                "decay of the largest gradient, per step",
                0.0,
                1.0,
                open_high=True,
                also=B2,
            ),
            epsilon(1e-8),
            weight_decay(),
        ),
        rate="adaptive",
        stable="2*(1 + beta1)/((1 - beta1)*lr)",
        divisor="(1 - beta1**t)*u",
        doc="Adam that divides by the largest recent gradient u instead of the root mean square.",
        source="Kingma & Ba 2015, Adam: a method for stochastic optimization, algorithm 2; "
        "torch.optim.Adamax",
        differs="The paper has no eps. The same in PyTorch and optax.",
    ),
    Names(
        ("adam_max",),
        akin={"adamaxw": "write adamax(decoupled_decay=0.0001)"},
    ),
)

nadam = OPTIMIZERS.add(
    Optimizer(
        name="nadam",
        title="NAdam",
        family="adaptive",
        rule="""
            mu_product_0 = 1
            g = g + weight_decay*x
            mu = beta1*(1 - 0.5*0.96**(t*momentum_decay))
            mu_next = beta1*(1 - 0.5*0.96**((t + 1)*momentum_decay))
            mu_product = mu_product*mu
            m = m + (1 - beta1)*(g - m)
            v = beta2*v + (1 - beta2)*g*g
            s = sqrt(v/(1 - beta2**t)) + eps
            x = x - lr*(1 - mu)/(1 - mu_product)*g / s
            x = x - lr*mu_next/(1 - mu_product*mu_next)*m / s
        """,
        knobs=(
            learning_rate(2e-3),
            BETA1,
            BETA2,
            epsilon(1e-8),
            weight_decay(),
            Knob("momentum_decay", 4e-3, "how fast mu grows from beta1/2 to beta1", 0.0, 10.0),
        ),
        rate="adaptive",
        doc="Adam with Nesterov's look-ahead; mu, the share of momentum, grows over the run.",
        source="Dozat 2016, Incorporating Nesterov momentum into Adam, algorithm 2; "
        "torch.optim.NAdam",
        differs="optax's nadam keeps mu constant at beta1. PyTorch holds mu_product in float32 "
        "unless the default dtype is float64 (3.6e-11 apart), and also offers decoupled decay.",
    ),
    Names(
        ("nesterov_adam", "adam_nesterov"),
        forms=(Form("decoupled_weight_decay", "nadam", {"weight_decay": "decoupled_decay"}),),
        akin={"nadamw": "write nadam(decoupled_decay=0.0001)"},
    ),
)

radam = OPTIMIZERS.add(
    Optimizer(
        name="radam",
        title="RAdam",
        family="adaptive",
        rule="""
            g = g + weight_decay*x
            m = m + (1 - beta1)*(g - m)
            v = beta2*v + (1 - beta2)*g*g
            m_hat = m/(1 - beta1**t)
            rho_max = 2/(1 - beta2) - 1
            rho = rho_max - 2*t*beta2**t/(1 - beta2**t)
            rect = sqrt((rho - 4)*(rho - 2)*rho_max/((rho_max - 4)*(rho_max - 2)*rho))
            adapted = m_hat*lr*(sqrt(1 - beta2**t)/(sqrt(v) + eps))*rect
            x = x - where(rho > 5, adapted, m_hat*lr)
        """,
        knobs=(learning_rate(1e-3), BETA1, BETA2, epsilon(1e-8), weight_decay()),
        rate="adaptive",
        stable="2*(1 + beta1)/((1 - beta1)*lr)",
        divisor="(1 - beta1**t)*where(rho > 5, (sqrt(v) + eps)/(sqrt(1 - beta2**t)*rect), 1)",
        doc="Adam that takes plain momentum steps until it has seen enough gradients to trust "
        "their variance.",
        source="Liu et al. 2020, On the variance of the adaptive learning rate and beyond, "
        "algorithm 2; torch.optim.RAdam",
        differs="PyTorch and we adapt from rho > 5, optax from rho >= 5, the paper from rho > 4; "
        "optax corrects v before adding eps. PyTorch also offers decoupled decay.",
    ),
    Names(
        ("rectified_adam",),
        forms=(Form("decoupled_weight_decay", "radam", {"weight_decay": "decoupled_decay"}),),
        fixed={"threshold": 5, "nesterov": False},
        akin={"ranger": "write radam(lookahead=6)", "radamw": "write radam(decoupled_decay=0.01)"},
    ),
)
